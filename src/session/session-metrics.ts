import type { Desktop } from '../desktop/desktop.ts';
import type { EncoderPool } from '../encode/pool.ts';
import type { Bottleneck } from '../stats/bottleneck.ts';
import { FrameCounters } from '../stats/frame-counters.ts';
import { Seats } from './measure/seats.ts';
import type { SessionMetrics } from './session.ts';

/** A viewer, as metrics show it. */
interface RatedViewer {
  readonly id: string;
  readonly user: string;
  bottleneck(nowMs: number): Bottleneck;
}

export interface SessionMetricsOptions {
  readonly desktop: Desktop;
  readonly pool: EncoderPool;
  viewers(): readonly RatedViewer[];
}

/** Counts what happens in a session, and gathers the rest when it is asked. */
export function createSessionMetrics({ desktop, pool, viewers }: SessionMetricsOptions): {
  readonly frames: FrameCounters;
  read(): SessionMetrics;
} {
  const frames = new FrameCounters();
  const seats = new Seats();
  let isDesktopUp = true;
  desktop.on('lost', () => {
    isDesktopUp = false;
  });
  desktop.on('back', () => {
    isDesktopUp = true;
  });
  return {
    frames,
    read: () => {
      const now = performance.now();
      const present = viewers();
      const seatOf = seats.of(present.map(({ id }) => id));
      return {
        isDesktopUp,
        viewers: present.map((viewer) => {
          const [cpu, , network] = viewer.bottleneck(now);
          return { user: viewer.user, seat: seatOf.get(viewer.id)!, cpu, network };
        }),
        frames,
        encoder: pool.load,
        frameBytes: desktop.frame.memory.buffer.byteLength,
      };
    },
  };
}
