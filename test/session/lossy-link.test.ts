import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../../bench/clock.ts';
import { congestionControls, IpLink, whyNoIpLinks } from '../support/ip-link.ts';
import type { IpLinkOptions } from '../support/ip-link-process.ts';
import { describeSeen, LatencyWatch, type Seen } from '../support/latency-watch.ts';
import { passesOnce, withSlack } from '../support/limits.ts';
import { MovingPicture } from '../support/moving-picture.ts';
import { startDeskwire } from '../support/start-deskwire.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';

const FPS = 30;
const MBIT = 125_000;
/** The machine's part of the allowed latency, in milliseconds. Only this part gets slack. */
const CPU_MS = 30;
const limit = (ms: number): number => ms - CPU_MS + withSlack(CPU_MS);
const FIRST_LIMIT_MS = 15_000;
/** Time after the first picture in which the rate of the link and its losses become known, in milliseconds. */
const LEARNING_MS = 4_000;
const WATCH_MS = 10_000;
const LEAST_FPS = 4;

const noLinks = await whyNoIpLinks();

/** Watches a film over a link with a round trip of 50 ms and a queue of 200 ms. Packets are lost both ways. */
async function watchFilm(congestionControl: string, mbit: number, lossShare: number): Promise<Seen> {
  const lanes = (share: number): IpLinkOptions => ({
    down: { bytesPerSecond: mbit * MBIT, delayMs: 25, lossShare: share, seed: 1 },
    up: { delayMs: 25, lossShare: share, seed: 2 },
  });
  // A packet lost while the connection is made would only make the test longer.
  const link = await IpLink.open({ ...lanes(0), congestionControl });
  const { server: address, serverOverLink } = link.addresses;
  const flags = ['--size', '960x540', '--run', 'true', '--listen', address];
  await using stack = new AsyncDisposableStack();
  stack.defer(() => link.close());
  const server = await startDeskwire({ flags });
  stack.defer(async () => void (await server.stop()));
  const picture = await MovingPicture.start(server, FPS, 'video');
  stack.defer(() => picture.close());
  const url = `https://${serverOverLink}:${server.port}/`;
  const target = { url, ca: server.ca, user: server.owner, servername: 'localhost' };
  const viewer = await Viewer.connectWebSocket(target);
  const watch = new LatencyWatch(viewer, 'video');
  await waitFor('the first picture', () => watch.updates >= 2, FIRST_LIMIT_MS);
  await link.become(lanes(lossShare));
  await sleep(LEARNING_MS);
  const fromMs = monotonicMs();
  await sleep(WATCH_MS);
  watch.stop();
  const seen = watch.between(fromMs, monotonicMs(), await picture.stop());
  await viewer.close();
  return seen;
}

/**
 * Asserts that a film is seen fresh, and often enough. Other programs may keep the processor from one of the processes
 * meanwhile: then the film is watched once more.
 */
async function isOnceFresh(
  t: TestContext,
  watch: () => Promise<Seen>,
  p50LimitMs: number,
  p95LimitMs: number,
): Promise<void> {
  await passesOnce(async () => {
    const seen = await watch();
    t.diagnostic(describeSeen(seen));
    const isFresh = seen.p50Ms < p50LimitMs && seen.p95Ms < p95LimitMs && seen.fps > LEAST_FPS;
    return isFresh ? undefined : describeSeen(seen);
  });
}

for (const congestionControl of ['cubic', 'bbr']) {
  const lacks = congestionControls().includes(congestionControl)
    ? noLinks
    : `the kernel does not offer ${congestionControl}: modprobe tcp_${congestionControl}`;
  const options = { skip: lacks ?? false };

  test(`under ${congestionControl} a film over 5 Mbit/s is less than 250 ms old`, options, async (t) => {
    await isOnceFresh(t, () => watchFilm(congestionControl, 5, 0), 250, limit(250));
  });

  test(
    `under ${congestionControl} a film over 2.4 Mbit/s with 2 % loss is less than 300 ms old`,
    options,
    async (t) => {
      // `npm run bench -- links` watches for long enough to tell the 99th percentile.
      await isOnceFresh(t, () => watchFilm(congestionControl, 2.4, 0.02), 250, limit(300));
    },
  );
}
