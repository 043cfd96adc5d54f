import assert from 'node:assert/strict';
import { after, afterEach, before, suite, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as wire from '../../src/protocol/constants.ts';
import { HttpsClient } from '../support/https-client.ts';
import { KASM_PRESETS, kasmPageEncodings } from '../support/kasm-page-settings.ts';
import { passesOnce, withSlack } from '../support/limits.ts';
import { CONTINUOUS } from '../support/memory-viewer.ts';
import { MovingPicture } from '../support/moving-picture.ts';
import {
  FREE_FROM,
  leastFreeNumber,
  type RatedViewer,
  RatedViewers,
  type Rating,
} from '../support/rated-viewers.ts';
import { Slowness } from '../support/slowness.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { ENCODER, starveEncoders } from '../support/starved-encoders.ts';
import { STANDARD_ENCODINGS } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';

// Each test causes a bottleneck, and reads what get_bottleneck_stats says about it.

const SIZE = { width: 640, height: 480 };
const FPS = 30;
/** Of a film beside three kinds of viewers, each of which is encoded for alone. */
const SLOWER_FPS = 10;

/** Rates of links in bytes per second: 200, 2 and 0.5 Mbit/s. */
const FAST = 25_000_000;
const SLOW = 250_000;
const SLOWER = 62_500;
const LINK = { down: { bytesPerSecond: FAST, delayMs: 5 }, up: { delayMs: 5 } };

/** A number below this says that frames are held up. */
const HELD_UP_BELOW = 5;

/** Times in which the numbers follow, in milliseconds: terms of the API. */
const FALLS_MS = 10_000;
const RECOVERS_MS = 15_000;
/** Time between two looks at the numbers. */
const LOOK_EVERY_MS = 250;
/** Time for which a cause lasts that shows in no number: about half of what the current numbers cover. */
const WATCHED_MS = 5_000;

/** Time that a slow viewer takes to draw an update, in milliseconds: six frames of the film. */
const DRAW_MS = 200;
const SCREENSHOTS_PER_SECOND = 20;

const PAGE = [
  wire.PSEUDO_DESKWIRE,
  wire.PSEUDO_DYNAMIC_QUALITY_MIN_FIRST + 2,
  wire.PSEUDO_WEBP,
  ...STANDARD_ENCODINGS,
];
/** Video mode begins at once, and lasts. */
const VIDEO = [
  ...PAGE,
  wire.PSEUDO_VIDEO_AREA_FIRST,
  wire.PSEUDO_VIDEO_TIME_FIRST,
  wire.PSEUDO_VIDEO_OUT_TIME_LAST,
];
/** All changes that are photo-like come as WebP. */
const WEBP = [wire.PSEUDO_WEBP, wire.PSEUDO_PREFER_BANDWIDTH, ...STANDARD_ENCODINGS];
const VIEWERS = {
  video: { encodings: VIDEO, updates: 'continuous' },
  webp: { encodings: WEBP, updates: 'continuous' },
  lossless: { encodings: CONTINUOUS, updates: 'continuous' },
} as const;

let server: RunningDeskwire;
let api: HttpsClient;
let film: MovingPicture;
let viewers: RatedViewers;

before(async () => {
  server = await startDeskwire({ flags: ['--size', `${SIZE.width}x${SIZE.height}`, '--run', 'true'] });
  api = new HttpsClient(server.url, server.ca, server.owner);
  film = await MovingPicture.start(server, FPS, 'video');
  await film.stop();
  viewers = new RatedViewers(server, api);
});
afterEach(async () => {
  await film.stop();
  await viewers.leave();
});
after(async () => {
  await viewers?.leave();
  api?.close();
  await film?.close();
  await server?.stop();
});

type Ratings = ReadonlyMap<string, Rating>;

/** Looks at the numbers until `isSo`. Resolves with all of them, the last ones last, and whether it became so in time. */
async function until(
  isSo: (ratings: Ratings) => boolean,
  limitMs: number,
): Promise<{ seen: readonly Ratings[]; isSo: boolean }> {
  const seen: Ratings[] = [];
  const startMs = performance.now();
  for (;;) {
    const ratings = await viewers.ratings();
    seen.push(ratings);
    if (isSo(ratings)) return { seen, isSo: true };
    if (performance.now() - startMs > limitMs) return { seen, isSo: false };
    await sleep(LOOK_EVERY_MS);
  }
}

const network = (ratings: Ratings, { user }: RatedViewer): number => ratings.get(user)!.network;
const cpu = (ratings: Ratings, { user }: RatedViewer): number => ratings.get(user)!.cpu;
const lowest = (seen: readonly Ratings[], of: typeof network, viewer: RatedViewer): number =>
  Math.min(...seen.map((ratings) => of(ratings, viewer)));

/** Adds a line to the report of the test: what both numbers of each viewer say. */
function tell(t: TestContext, cause: string, ratings: Ratings): void {
  const said = [...ratings].map(
    ([user, one]) => `${user}: CPU ${one.cpu.toFixed(1)}, network ${one.network.toFixed(1)}`,
  );
  t.diagnostic(`${cause}: ${said.join('; ')}`);
}

/** How slow the server and this process, which has the links, have been since the current check began. */
let slowness: readonly Slowness[] = [];

const leastFree = (): number => leastFreeNumber(slowness);

/** Repeats a check, with new viewers each time, until it finds nothing wrong. */
const holds = (t: TestContext, check: () => Promise<string | undefined>): Promise<void> =>
  passesOnce(async (round) => {
    if (round > 0) {
      await film.stop();
      await viewers.leave();
    }
    // The encoder threads may be kept from it on purpose.
    slowness = [new Slowness(server.pid, ENCODER), new Slowness(process.pid)];
    const wrong = await check();
    const factors = slowness.map(({ factor }) => factor.toFixed(1));
    t.diagnostic(`the server and this process: ${factors.join(' and ')} times as slow`);
    return wrong;
  });

suite('a film for two viewers', () => {
  test('a link of 2 Mbit/s lowers the network number of its viewer alone, until the link has recovered', (t) =>
    holds(t, async () => {
      await film.paint(FPS, 'video');
      const direct = await viewers.look('direct', { encodings: PAGE, updates: 'continuous' });
      const paced = await viewers.look('paced', { encodings: PAGE, updates: 'continuous' }, LINK);
      const before = await until((ratings) => network(ratings, paced) >= leastFree(), RECOVERS_MS);
      if (!before.isSo) return 'the fast link counts as slow';
      paced.pace(SLOW);
      const slow = await until((ratings) => network(ratings, paced) < HELD_UP_BELOW, FALLS_MS);
      tell(t, 'a link of 2 Mbit/s for "paced"', slow.seen.at(-1)!);
      if (!slow.isSo) return 'the slow link does not show';
      paced.pace(FAST);
      const fast = await until((ratings) => network(ratings, paced) >= leastFree(), RECOVERS_MS);
      tell(t, 'that link again at 200 Mbit/s', fast.seen.at(-1)!);
      if (!fast.isSo) return 'the recovered link counts as slow';
      const least = lowest([...before.seen, ...slow.seen, ...fast.seen], network, direct);
      return least >= leastFree() ? undefined : `the network number of the other viewer was ${least}`;
    }));

  test('starved encoder threads lower the CPU numbers of all viewers, and no network number', (t) =>
    holds(t, async () => {
      await film.paint(FPS, 'video');
      const both = [
        await viewers.look('direct', { encodings: PAGE, updates: 'continuous' }),
        await viewers.look('other', { encodings: PAGE, updates: 'continuous' }),
      ];
      await until((ratings) => both.every((viewer) => cpu(ratings, viewer) >= leastFree()), FALLS_MS / 2);
      tell(t, 'no cause', await viewers.ratings());
      let starved: Awaited<ReturnType<typeof until>>;
      {
        await using _starved = await starveEncoders(server.pid);
        starved = await until(
          (ratings) => both.every((viewer) => cpu(ratings, viewer) < HELD_UP_BELOW),
          FALLS_MS,
        );
      }
      tell(t, 'encoder threads on a busy core', starved.seen.at(-1)!);
      if (!starved.isSo) return 'starved encoder threads do not show';
      const least = Math.min(...both.map((viewer) => lowest(starved.seen, network, viewer)));
      return least >= leastFree() ? undefined : `a network number was ${least}`;
    }));

  for (const [page, options] of Object.entries({
    'Deskwire’s page': { encodings: PAGE, updates: 'continuous' },
    'KasmVNC’s page': {
      encodings: kasmPageEncodings(KASM_PRESETS.medium),
      updates: 'requested',
      unitUs: 1000,
    },
  } as const)) {
    test(`when ${page} draws slowly, neither of its numbers falls, and its frame statistics show the wait`, (t) =>
      holds(t, async () => {
        await film.paint(FPS, 'video');
        const quick = await viewers.look('quick', { encodings: PAGE, updates: 'continuous' });
        const drawing = await viewers.look('drawing', options);
        await drawing.draw(DRAW_MS);
        await sleep(WATCHED_MS);
        const ratings = await viewers.ratings();
        tell(t, `"drawing" takes ${DRAW_MS} ms for an update`, ratings);
        if (network(ratings, drawing) < leastFree())
          return `its network number is ${network(ratings, drawing)}`;
        // On a slow machine the CPU number of both is low.
        const leastCpu = Math.min(FREE_FROM, cpu(ratings, quick)) - 1;
        if (cpu(ratings, drawing) < leastCpu) return `its CPU number is ${cpu(ratings, drawing)}`;
        return wrongWaits(t, quick, drawing);
      }));
  }
});

/** Compares the client side of a measured frame with what the viewers measured. Returns what is wrong. */
async function wrongWaits(
  t: TestContext,
  quick: RatedViewer,
  drawing: RatedViewer,
): Promise<string | undefined> {
  const answer = (await api.get('/api/get_frame_stats?client=all')).json();
  const sideOf = async ({ user }: RatedViewer) => {
    const id = await viewers.idOf(user);
    return answer.client_side.find(({ client }: { client: string }) => client === id);
  };
  for (const viewer of [quick, drawing]) {
    const side = await sideOf(viewer);
    if (!side) return `${viewer.user} did not report`;
    t.diagnostic(`${viewer.user}: ${JSON.stringify(side)}`);
    const { reports } = await viewer.seen();
    const [report] = reports;
    assert.equal(reports.length, 1, 'one call has one report');
    assert.deepEqual([side.client_time_us, side.processes[0].time_us], [report!.totalUs, report!.renderUs]);
  }
  const [quickMs, slowMs] = [
    (await sideOf(quick)).client_wait_us,
    (await sideOf(drawing)).client_wait_us,
  ].map((us) => us / 1000) as [number, number];
  // A frame is ready at most two intervals of the film after the last update began.
  const leastMs = DRAW_MS - (2 * 1000) / FPS;
  if (slowMs > withSlack(DRAW_MS)) return `client_wait_us is ${slowMs} ms`;
  // On a machine that is overloaded, the next frame comes when the viewer has drawn the one before.
  if (leastFree() === 0) return undefined;
  if (slowMs < leastMs * 0.8) return `client_wait_us is ${slowMs} ms, at least ${leastMs} ms expected`;
  return quickMs < leastMs / 2 ? undefined : `client_wait_us of a quick viewer is ${quickMs} ms`;
}

suite('video mode, WebP and no loss, beside 20 screenshots a second', () => {
  let screenshots: { stop(): Promise<void> } | undefined;
  let byKind: Record<keyof typeof VIEWERS, RatedViewer>;

  /** Connects a viewer of each kind; that of `behindLink` over a link that can be paced. */
  async function look(behindLink?: string): Promise<void> {
    await film.paint(SLOWER_FPS, 'video');
    const entries: [string, RatedViewer][] = [];
    for (const [kind, options] of Object.entries(VIEWERS))
      entries.push([kind, await viewers.look(kind, options, kind === behindLink ? LINK : undefined)]);
    byKind = Object.fromEntries(entries) as typeof byKind;
    screenshots ??= takeScreenshots();
    const inVideo = async () => {
      const { viewers: list } = (await api.get('/api/viewers')).json();
      return list.some(
        (one: { user: string; video_mode: boolean }) => one.user === 'video' && one.video_mode,
      );
    };
    await waitFor('video mode', inVideo);
  }
  afterEach(async () => {
    await screenshots?.stop();
    screenshots = undefined;
  });

  for (const kind of Object.keys(VIEWERS) as (keyof typeof VIEWERS)[]) {
    test(`a slow link of the viewer with ${kind} lowers its network number alone`, (t) =>
      holds(t, async () => {
        await look(kind);
        const slow = byKind[kind];
        const others = Object.values(byKind).filter((viewer) => viewer !== slow);
        slow.pace(SLOWER);
        const { seen, isSo } = await until((ratings) => network(ratings, slow) < HELD_UP_BELOW, FALLS_MS);
        tell(t, `a link of 0.5 Mbit/s for "${kind}"`, seen.at(-1)!);
        if (!isSo) return 'the slow link does not show';
        const least = Math.min(...others.map((viewer) => lowest(seen, network, viewer)));
        return least >= leastFree() ? undefined : `a network number of the others was ${least}`;
      }));
  }

  test('viewers of all kinds that draw slowly have no low network number', (t) =>
    holds(t, async () => {
      await look();
      for (const viewer of Object.values(byKind)) await viewer.draw(DRAW_MS);
      await sleep(WATCHED_MS);
      const ratings = await viewers.ratings();
      tell(t, `all take ${DRAW_MS} ms for an update`, ratings);
      const least = Math.min(...Object.values(byKind).map((viewer) => network(ratings, viewer)));
      return least >= leastFree() ? undefined : `a network number is ${least}`;
    }));

  test('starved encoder threads lower the CPU number of viewers of all kinds, and no network number', (t) =>
    holds(t, async () => {
      await look();
      const all = Object.values(byKind);
      await using _starved = await starveEncoders(server.pid);
      const { seen, isSo } = await until(
        (ratings) => all.every((viewer) => cpu(ratings, viewer) < HELD_UP_BELOW),
        FALLS_MS,
      );
      tell(t, 'encoder threads on a busy core', seen.at(-1)!);
      if (!isSo) return 'starved encoder threads do not show';
      const least = Math.min(...all.map((viewer) => lowest(seen, network, viewer)));
      return least >= leastFree() ? undefined : `a network number was ${least}`;
    }));
});

/** Takes screenshots at a steady rate. A slow machine takes fewer. */
function takeScreenshots(): { stop(): Promise<void> } {
  let isOn = true;
  const taking = (async () => {
    while (isOn) {
      const nextMs = performance.now() + 1000 / SCREENSHOTS_PER_SECOND;
      assert.equal((await api.get('/api/get_screenshot?width=400')).status, 200);
      await sleep(Math.max(0, nextMs - performance.now()));
    }
  })();
  return {
    stop: () => {
      isOn = false;
      return taking;
    },
  };
}
