import { setTimeout as sleep } from 'node:timers/promises';
import { PSEUDO_MAX_VIDEO_RESOLUTION } from '../../src/protocol/constants.ts';
import { Viewer, ZSTD_ENCODINGS } from '../../test/support/viewer.ts';
import { readScreen } from '../../test/support/xwd.ts';
import { monotonicMs } from '../clock.ts';
import { serveParent } from '../ipc.ts';
import type { ViewerTarget } from '../peers/peer.ts';
import type { ViewerRecord } from '../round.ts';
import { createDice } from '../scenes/dice.ts';
import type { Layout } from '../workloads.ts';
import { showsExactly } from './exact-picture.ts';
import { FrameWatcher } from './frame-watcher.ts';
import { PatchSampler, type ShownFrame } from './patch-sampler.ts';

/** Everything that a viewer saw, and what it showed of some frames in the sampled places. */
export interface Watched {
  readonly record: ViewerRecord;
  readonly frames: readonly ShownFrame[];
}

/** Calls that a viewer process answers. */
export interface ViewerCalls {
  /** Connects, watches and samples. Resolves when the first update has been drawn. */
  connect(target: ViewerTarget, layout: Layout): Promise<void>;
  /**
   * Resolves with the time of the update that made the picture equal to what X shows, which no longer changes.
   * Undefined if there was none before `untilMs`. Times are monotonic milliseconds.
   */
  whenExact(display: string, environment: NodeJS.ProcessEnv, untilMs: number): Promise<number | undefined>;
  /** Presses a key again and again, each some time after the update that the last one led to. Resolves with the times of the presses, in monotonic ms. */
  pressKeys(count: number, betweenMs: readonly [number, number], seed: number): Promise<number[]>;
  /** Sends fences one after the other, with drawn pauses. Resolves with the ms from each to its answer. */
  roundTrips(count: number, betweenMs: readonly [number, number], seed: number): Promise<number[]>;
  disconnect(): Promise<Watched>;
}

const KEYSYM_A = 0x61;

/** The viewer can scale pictures up, and says so by a pseudo-encoding that other servers ignore, as they do zstd. */
const OPTIONS = { encodings: [...ZSTD_ENCODINGS, PSEUDO_MAX_VIDEO_RESOLUTION] };

let viewer: Viewer;
let watcher: FrameWatcher;
let sampler: PatchSampler;
let failure: Error | undefined;

serveParent<ViewerCalls>({
  async connect(target, { groups, samples }) {
    failure = undefined;
    viewer =
      target.kind === 'tcp'
        ? await Viewer.connectTcp(target.port, OPTIONS)
        : await Viewer.connectWebSocket(target, OPTIONS);
    viewer.on('failure', (error) => {
      failure = error;
    });
    watcher = new FrameWatcher(groups, viewer.size);
    sampler = new PatchSampler(samples, viewer.size);
    viewer.on('update', ({ bytes }) => {
      const { pixels } = viewer.framebuffer;
      const ms = monotonicMs();
      const number = watcher.look(pixels, ms, bytes);
      if (number !== undefined) sampler.offer(number, pixels, ms);
    });
    await viewer.waitForUpdate((_framebuffer, update) => update !== undefined);
  },
  async whenExact(display, environment, untilMs) {
    const screen = await readScreen(display, environment);
    const isExact = (): boolean => showsExactly(viewer.framebuffer.pixels, screen);
    try {
      await viewer.waitForUpdate(isExact, Math.max(0, untilMs - monotonicMs()));
    } catch {
      // The time is over, or the connection ended, which `disconnect` reports.
      return undefined;
    }
    return watcher.record.updates.at(-1)?.[0];
  },
  async pressKeys(count, betweenMs, seed) {
    const dice = createDice(seed);
    const times: number[] = [];
    while (times.length < count) {
      times.push(monotonicMs());
      const shown = viewer.waitForUpdate((_framebuffer, update) => update !== undefined);
      viewer.typeKeys(KEYSYM_A);
      await shown;
      await sleep(dice.integer(...betweenMs));
    }
    return times;
  },
  async roundTrips(count, betweenMs, seed) {
    const dice = createDice(seed);
    const times: number[] = [];
    while (times.length < count) {
      const startMs = monotonicMs();
      await viewer.roundTrip();
      times.push(monotonicMs() - startMs);
      await sleep(dice.integer(...betweenMs));
    }
    return times;
  },
  async disconnect() {
    const closed = viewer.closedReason;
    await viewer.close();
    if (failure || closed !== undefined) {
      throw new Error(`The connection ended: ${closed}`, { cause: failure });
    }
    return { record: watcher.record, frames: sampler.frames };
  },
});
