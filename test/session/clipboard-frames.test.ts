import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { cutText, extendedText, kasmItem, longText } from '../support/clipboard-ways.ts';
import { FilmWatch } from '../support/film-watch.ts';
import { HttpsClient } from '../support/https-client.ts';
import { describeSeen } from '../support/latency-watch.ts';
import { passesOnce, withSlack } from '../support/limits.ts';
import { Slowness } from '../support/slowness.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { Xclip } from '../support/xclip.ts';

// A large clipboard passes between viewers and the desktop, while a viewer of another user watches a film of the desktop.
// That user may not write, and so is sent no clipboard: a viewer's own frames wait behind what it is sent.

/** Time by which frames may be later than without the clipboard, in milliseconds. */
const FRAME_MS = 50;
/**
 * Longest step of the server's main thread, in milliseconds of its processor time: no frame is sent meanwhile. Other
 * programs lengthen it by their use of caches and memory, three times with five programs for each core. A text of 10 MB
 * that is joined, unmasked and copied in one step takes 50 to 100 ms, one that is compressed in one step 500 ms.
 */
const MOST_STEP_MS = FRAME_MS;

const LATIN_1 = 'abcdefghijklmnopqrstuvwxyzäöüéèêñçßÅØ';
const MANY_SCRIPTS = 'aeinrstäéßжщдלשع漢字仮名한글😀🏳';
const TEXT = longText(MANY_SCRIPTS);
const PNG = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), randomBytes(4_000_000)]);

/** The user that watches. */
const WATCHER = { name: 'wanda', password: 'wanda watches' };
/** Viewers that are sent one content at the same time. */
const MANY = 6;

let folder: string;
let server: RunningDeskwire;
let xclip: Xclip;
let film: FilmWatch;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'deskwire-clipboard-'));
  const probe = new URL('../fuzz/step-probe.ts', import.meta.url).href;
  server = await startDeskwire({
    flags: ['--size', '640x480', '--run', 'exec sleep 1000'],
    environment: { NODE_OPTIONS: `--import=${probe}`, STEP_FILE: join(folder, 'steps') },
  });
  const client = new HttpsClient(server.url, server.ca, server.owner);
  const query = new URLSearchParams({ ...WATCHER, read: 'true' });
  assert.equal((await client.get(`/api/create_user?${query}`)).status, 200);
  client.close();
  xclip = new Xclip(server.xEnvironment());
  film = await FilmWatch.start(server, { url: server.url, ca: server.ca, user: WATCHER });
});
after(async () => {
  await film?.close();
  await server?.stop();
  xclip?.[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

const connect = (encodings: readonly number[]): Promise<Viewer> =>
  Viewer.connectWebSocket(
    { url: server.url, ca: server.ca, user: server.owner },
    { encodings, updates: 'none' },
  );

/** Steps of the server's main thread of 20 ms or more so far, in milliseconds of processor time. */
function steps(): number[] {
  try {
    return readFileSync(join(folder, 'steps'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/**
 * Returns what was wrong with the watcher's frames or with the server's steps while `pass` ran. What other programs of
 * the machine delay frames by is measured before, and allowed for; so is how long the server waits for a core.
 */
async function whileWatched(t: TestContext, pass: () => Promise<string>): Promise<string | undefined> {
  const stepsBefore = steps().length;
  const slowness = new Slowness(server.pid);
  let took = '';
  const seen = await film.during(async () => {
    took = await pass();
  });
  const longestStepMs = Math.max(0, ...steps().slice(stepsBefore));
  t.diagnostic(`${took}; longest step of the server ${longestStepMs} ms`);
  t.diagnostic(`frames before: ${describeSeen(seen.before)}`);
  t.diagnostic(`frames meanwhile: ${describeSeen(seen.meanwhile)}`);
  if (longestStepMs > MOST_STEP_MS) return `a step of ${longestStepMs} ms`;
  const laterMs = (of: 'mostMs' | 'longestGapMs'): number => seen.meanwhile[of] - seen.before[of];
  const mostMs = withSlack(FRAME_MS) * slowness.factor;
  const isInTime = Math.max(laterMs('mostMs'), laterMs('longestGapMs')) <= mostMs;
  return isInTime ? undefined : `frames: ${describeSeen(seen.meanwhile)}`;
}

for (const [what, way, data, type] of [
  ['10 MB of text as KasmVNC’s page sends it', kasmItem('text/plain'), TEXT, 'UTF8_STRING'],
  ['10 MB of HTML as KasmVNC’s page sends it', kasmItem('text/html'), TEXT, 'text/html'],
  ['a PNG of 4 MB as KasmVNC’s page sends it', kasmItem('image/png'), PNG, 'image/png'],
  ['10 MB of text by the extended clipboard', extendedText, TEXT, 'UTF8_STRING'],
  ['10 MB of text as cut text', cutText, longText(LATIN_1), 'UTF8_STRING'],
] as const) {
  test(`${what} pass both ways byte for byte, and no frame of another user comes ${FRAME_MS} ms later, times the slack for loaded machines`, async (t) => {
    const viewer = await connect(way.encodings);
    // Such viewers are offered a clipboard with their first request.
    viewer.requestUpdate(true);
    try {
      await passesOnce(async (round) => {
        // Content that is there already is not set again.
        const changed = Buffer.from(data);
        changed[100] = 65 + round;
        return whileWatched(t, async () => {
          const startMs = performance.now();
          way.send(viewer, changed);
          await waitFor('the content in the desktop', () => xclip.has(changed, type));
          const inMs = performance.now();
          changed[100] = 75 + round;
          const received = way.received(viewer, changed);
          const program = xclip.copy(changed, type);
          try {
            await received;
          } finally {
            program.kill();
          }
          const outMs = performance.now();
          assert.equal(viewer.closedReason, undefined);
          return `${Math.round(inMs - startMs)} ms into a program, ${Math.round(outMs - inMs)} ms from a program`;
        });
      });
    } finally {
      await viewer.close();
    }
  });
}

test(`10 MB of text pass to ${MANY} viewers at once, one of which does not read, and no frame of another user comes ${FRAME_MS} ms later, times the slack for loaded machines`, async (t) => {
  const way = kasmItem('text/plain');
  const viewers = await Promise.all(Array.from({ length: MANY }, () => connect(way.encodings)));
  const [slow, ...others] = viewers;
  try {
    await Promise.all(viewers.map((viewer) => viewer.roundTrip()));
    await passesOnce(async (round) => {
      const changed = Buffer.from(TEXT);
      changed[100] = 97 + round;
      return whileWatched(t, async () => {
        const startMs = performance.now();
        slow!.pauseReading();
        const received = others.map((viewer) => way.received(viewer, changed));
        const program = xclip.copy(changed, 'UTF8_STRING');
        try {
          await Promise.all(received);
          const lastReceived = way.received(slow!, changed);
          slow!.resumeReading();
          await lastReceived;
        } finally {
          program.kill();
        }
        return `${Math.round(performance.now() - startMs)} ms from a program to ${MANY} viewers`;
      });
    });
  } finally {
    await Promise.all(viewers.map((viewer) => viewer.close()));
  }
});
