import { monotonicMs } from '../../bench/clock.ts';
import type { Child } from '../../bench/ipc.ts';
import type { CostlyViewer, CostlyViewersCalls } from './costly-viewers-process.ts';
import { describeSeen, LatencyWatch, type Seen } from './latency-watch.ts';
import type { MovingPicture } from './moving-picture.ts';
import { Slowness } from './slowness.ts';
import type { WebSocketTarget } from './transport-websocket.ts';
import { Viewer } from './viewer.ts';
import { waitFor } from './wait-for.ts';

/** Time for the frames that are watched, in milliseconds. */
const FRAMES_LIMIT_MS = 30_000;
/** Time until every viewer has had an update, in milliseconds. */
const FIRST_LIMIT_MS = 30_000;

/** A film on a server, and a process for viewers that cost much. */
export interface Film {
  readonly serverPid: number;
  readonly picture: MovingPicture;
  readonly fps: number;
  readonly costly: Child<CostlyViewersCalls>;
  /** Frames that each ordinary viewer sees while it is watched, at the place that sees the fewest. */
  readonly frames: number;
}

/** What ordinary viewers saw of a film. */
export interface Watched {
  /** By the viewer that saw it latest. */
  readonly seen: Seen;
  /** How much slower the server was because its threads waited for cores. */
  readonly slowness: number;
  /** Updates that each costly viewer was sent meanwhile. */
  readonly updates: readonly number[];
}

/** Has ordinary viewers watch a film for a while beside others that cost much. */
export async function watchBeside(
  { serverPid, picture, fps, costly, frames }: Film,
  ordinary: readonly WebSocketTarget[],
  beside: readonly CostlyViewer[],
): Promise<Watched> {
  await picture.stop();
  await picture.paint(fps, 'video');
  const viewers = await Promise.all(ordinary.map((target) => Viewer.connectWebSocket(target)));
  const watches = viewers.map((viewer) => new LatencyWatch(viewer, 'video'));
  try {
    await costly.calls.join(beside);
    const befores = watches.map(({ updates }) => updates);
    await waitFor('updates', () => watches.every(({ updates }, i) => updates > befores[i]!), FIRST_LIMIT_MS);
    const fromMs = monotonicMs();
    const slowness = new Slowness(serverPid);
    const wanted = watches.map((watch) => watch.frames + frames);
    const haveSeen = (): boolean => watches.every((watch, i) => watch.frames >= wanted[i]!);
    // Without enough frames in time, the latencies of the few are reported.
    await waitFor('frames', haveSeen, FRAMES_LIMIT_MS).catch(() => undefined);
    const [toMs, { factor }] = [monotonicMs(), slowness];
    const allServed = async (): Promise<number[] | false> => {
      const counts = await costly.calls.updates();
      return counts.every((count) => count > 0) && counts;
    };
    // The ordinary viewers may see their frames before the first update of all others is encoded.
    const updates = await waitFor('an update of each costly viewer', allServed, FIRST_LIMIT_MS);
    await costly.calls.leave();
    const painted = await picture.stop();
    const seen = watches.map((watch) => watch.between(fromMs, toMs, painted));
    return { seen: seen.sort((a, b) => b.p50Ms - a.p50Ms)[0]!, slowness: factor, updates };
  } finally {
    for (const watch of watches) watch.stop();
    await Promise.all(viewers.map((viewer) => viewer.close()));
  }
}

/** Returns a line for a test's output. */
export const describeWatched = ({ seen, slowness, updates }: Watched): string =>
  `${describeSeen(seen)}; the server ${slowness.toFixed(1)} times as slow; updates: ${updates}`;
