import assert from 'node:assert/strict';
import { after, afterEach, before, suite, type TestContext, test } from 'node:test';
import { createRandom } from '../../bench/painter/random.ts';
import * as wire from '../../src/protocol/constants.ts';
import { DrawingViewer, type DrawnReport } from '../support/drawing-viewer.ts';
import type { HttpsClient } from '../support/https-client.ts';
import { least, passesOnce, withSlack } from '../support/limits.ts';
import { CONTINUOUS } from '../support/memory-viewer.ts';
import { ThrottledProxy } from '../support/throttled-proxy.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { wrongTime } from '../support/within.ts';
import { ADA, ContractServer } from './contract-server.ts';

// get_frame_stats, asked over HTTPS, with viewers whose links and drawing are slow.

const SIZE = { width: 320, height: 200 };
const WHOLE = { x: 0, y: 0, ...SIZE };
const PAGE = [...CONTINUOUS, wire.PSEUDO_DESKWIRE];
const CALLS = 50;
/** Longest answer on a still desktop, in milliseconds: a term of the API. */
const STILL_MS = 300;
/** Frames that calls at the same time may need. Calls that come late have one of their own. */
const MOST_FRAMES = 3;
/** 4 Mbit/s in bytes per second, and the delay in each direction in milliseconds. */
const SLOW = 500_000;
const DELAY_MS = 40;
const DRAW_MS = 150;

let server: ContractServer;
let ada: HttpsClient;
const opened: { close(): Promise<void> }[] = [];
const random = createRandom(11);

before(async () => {
  server = await ContractServer.start();
  ada = server.client(ADA);
});
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
  await waitFor(
    'nobody to be connected',
    async () => (await ada.get('/api/get_bottleneck_stats')).text() === '{}',
  );
});
after(() => server.close());

/** Connects a viewer as Deskwire's page, which has the first picture. */
async function look(
  port = Number(new URL(server.url).port),
): Promise<{ viewer: Viewer; drawing: DrawingViewer }> {
  const target = { url: `https://127.0.0.1:${port}/`, ca: server.ca, user: ADA };
  const viewer = await Viewer.connectWebSocket(target, { encodings: PAGE });
  opened.push(viewer);
  const drawing = new DrawingViewer(viewer);
  await viewer.waitForUpdate(() => true);
  await waitFor('the first picture', () => drawing.updates > 0);
  return { viewer, drawing };
}

const paint = (): void =>
  server.desktop.paint(
    WHOLE,
    Uint32Array.from({ length: SIZE.width * SIZE.height }, () => random() * 0x1000000),
  );

interface ClientSide {
  readonly client_time_us: number;
  readonly client_wait_us: number;
  readonly ping_us: number;
  readonly processes: readonly { readonly time_us: number }[];
}

/** The client side of a frame that is painted when the call has arrived. Undefined if the viewer did not report. */
async function clientSide(): Promise<ClientSide | undefined> {
  const answering = ada.get('/api/get_frame_stats?client=all');
  // Answered after that call has begun.
  await ada.get('/api/get_users');
  paint();
  const answer = await answering;
  assert.equal(answer.status, 200, answer.text());
  return answer.json().client_side[0];
}

test('get_frame_stats of a still desktop answers within 300 ms, with and without a viewer', async () => {
  for (const who of ['nobody', 'a viewer']) {
    if (who === 'a viewer') await look();
    // The threads that encode may have to start.
    await ada.get('/api/get_frame_stats');
    await least(withSlack(STILL_MS), async () => {
      const startMs = performance.now();
      const answer = await ada.get('/api/get_frame_stats?client=all');
      assert.equal(answer.status, 200, answer.text());
      assert.equal(answer.json().frame.changed, 0);
      assert.equal(answer.json().client_side.length, who === 'nobody' ? 0 : 1);
      return performance.now() - startMs;
    });
  }
});

test('50 calls of get_frame_stats at the same time share a few frames, and all of them succeed', async () => {
  const { viewer } = await look();
  const [id = ''] = Object.keys((await ada.get('/api/get_bottleneck_stats')).json()[ADA.name]);
  // Opens as many connections, and starts the threads that encode.
  await ada.get('/api/get_frame_stats');
  await Promise.all(Array.from({ length: CALLS }, () => ada.get('/api/get_users')));
  let updates = 0;
  viewer.on('update', () => updates++);
  const choices = ['all', 'none', 'auto', id];
  const answers = await Promise.all(
    Array.from({ length: CALLS }, (_, i) => ada.get(`/api/get_frame_stats?client=${choices[i % 4]}`)),
  );
  const frames = new Set<string>();
  for (const [i, answer] of answers.entries()) {
    assert.equal(answer.status, 200, answer.text());
    const { frame, server_side, client_side } = answer.json();
    assert.equal(client_side.length, choices[i % 4] === 'none' ? 0 : 1);
    frames.add(JSON.stringify([frame, server_side]));
  }
  await viewer.roundTrip();
  assert.ok(frames.size <= MOST_FRAMES, `${frames.size} frames`);
  assert.equal(updates, frames.size);
});

suite('the client side of a measured frame', () => {
  /** Repeats a check with a viewer behind a link, or with a direct one. */
  const holds = async (
    t: TestContext,
    link: { readonly bytesPerSecond?: number; readonly delayMs: number } | undefined,
    check: (viewer: Viewer, side: ClientSide, report: DrawnReport) => Promise<string | undefined>,
    drawMs = 0,
  ): Promise<void> => {
    const proxy =
      link &&
      (await ThrottledProxy.open(Number(new URL(server.url).port), {
        down: link,
        up: { delayMs: link.delayMs },
      }));
    if (proxy) opened.push(proxy);
    let last: Viewer | undefined;
    await passesOnce(async () => {
      // A new one each time, whose first picture is small: nothing is known of its link.
      await last?.close();
      server.desktop.paint(WHOLE, 0x336699);
      const { viewer, drawing } = await look(proxy?.port);
      last = viewer;
      drawing.drawMs = drawMs;
      const reports = drawing.reports.length;
      const side = await clientSide();
      if (!side) return 'the viewer did not report';
      t.diagnostic(JSON.stringify(side));
      const report = drawing.reports[reports]!;
      assert.deepEqual([side.client_time_us, side.processes[0]!.time_us], [report.totalUs, report.renderUs]);
      return check(viewer, side, report);
    });
  };

  test('ping is the round trip of a long link, and the client’s other times are those of a quick one', (t) =>
    holds(t, { delayMs: DELAY_MS }, async (viewer, side) => {
      const startMs = performance.now();
      await viewer.roundTrip();
      const roundTripMs = performance.now() - startMs;
      assert.ok(roundTripMs >= 2 * DELAY_MS, `${roundTripMs} ms`);
      return (
        wrongTime('ping', side.ping_us / 1000, roundTripMs) ??
        (side.client_wait_us < DELAY_MS * 1000 ? undefined : `client_wait_us is ${side.client_wait_us}`)
      );
    }));

  test('client_time has the time that a slow link takes for the update, and scanRenderQ has none of it', (t) =>
    holds(t, { bytesPerSecond: SLOW, delayMs: 0 }, async (_viewer, side, { bytes }) => {
      const carriedMs = (bytes / SLOW) * 1000;
      // On a busy machine another frame may have been measured.
      if (bytes < SIZE.width * SIZE.height * 3) return `an update of ${bytes} bytes`;
      return (
        wrongTime('client_time', side.client_time_us / 1000, carriedMs) ??
        (side.processes[0]!.time_us < carriedMs * 100
          ? undefined
          : `scanRenderQ is ${side.processes[0]!.time_us}`)
      );
    }));

  test('client_time and scanRenderQ have the time that a slow viewer takes to draw', (t) =>
    holds(
      t,
      undefined,
      async (_viewer, side) =>
        wrongTime('scanRenderQ', side.processes[0]!.time_us / 1000, DRAW_MS) ??
        wrongTime('client_time', side.client_time_us / 1000, DRAW_MS),
      DRAW_MS,
    ));
});
