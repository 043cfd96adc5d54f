import type { callApi } from '../../api/call-api.ts';
import type { Measured, Totals } from '../../measured.ts';
import type { ListedViewer } from './owner-api.ts';
import { type FrameStats, STAGES, type Stage, type StageTimes, stagesByViewer } from './stages.ts';

/** What is known of one connection at one moment. */
export interface ViewerReading {
  readonly id: string;
  /** Undefined for the connection of this page, if no other one is shown. */
  readonly user: string | undefined;
  readonly fps: number;
  readonly bytesPerSecond: number;
  readonly latencyMs: number | undefined;
  readonly cpu: number;
  readonly cpuAverage: number;
  readonly network: number;
  readonly networkAverage: number;
  /** A frame that was measured since the last reading. */
  readonly frame: StageTimes | undefined;
}

/** Where the numbers come from. */
export interface StatisticsSource {
  /** The stages that its frames have. */
  readonly stages: readonly Stage[];
  read(signal: AbortSignal): Promise<readonly ViewerReading[]>;
}

/**
 * Longest wait for a frame to measure, in milliseconds. A larger value delays the numbers of a still screen; with a
 * smaller one, a screen that seldom changes has no columns.
 */
const FRAME_WITHIN_MS = 1000;

/**
 * All connections, for owners: one look at the numbers, and one frame that is drawn anyway. Nothing is made for the
 * purpose, so that watching costs the viewers nothing.
 */
export function ownersSource(call: typeof callApi): StatisticsSource {
  return {
    stages: STAGES,
    async read(signal) {
      const next = `/get_next_frame_stats?client=all&within_ms=${FRAME_WITHIN_MS}`;
      const [{ viewers }, stats] = await Promise.all([
        call<{ viewers: ListedViewer[] }>('GET', '/viewers', undefined, signal),
        call<FrameStats | undefined>('GET', next, undefined, signal),
      ]);
      const frames = stats ? stagesByViewer(stats) : new Map<string, StageTimes>();
      return viewers.map((viewer) => ({
        id: viewer.id,
        user: viewer.user,
        fps: viewer.fps,
        bytesPerSecond: viewer.bytes_per_second,
        latencyMs: viewer.latency_ms ?? undefined,
        cpu: viewer.cpu,
        cpuAverage: viewer.cpu_average,
        network: viewer.network,
        networkAverage: viewer.network_average,
        frame: frames.get(viewer.id),
      }));
    },
  };
}

/** The page's own connection. */
export interface OwnConnection {
  /** Asks the server for what it has measured. */
  ask(): void;
  /** Undefined while there is no connection. */
  readonly totals: Totals | undefined;
  /** Calls the listener with each answer. Returns a function that takes it away. */
  onMeasured(listener: (measured: Measured) => void): () => void;
}

/**
 * Longest wait for the server's answers, in milliseconds. With a larger value the numbers of a server that is busy stay
 * longer as they are; with a smaller one they come a reading later.
 */
const ANSWER_WITHIN_MS = 1000;

/** The page's own connection, for every user: what the page counts, and what the server answers about it. */
export function ownSource(connection: OwnConnection): StatisticsSource {
  let numbers: readonly number[] = [10, 10, 10, 10];
  let latencyMs: number | undefined;
  let before: { readonly totals: Totals; readonly atMs: number } | undefined;
  return {
    stages: ['link', 'draw'],
    async read(signal) {
      await answers(connection, signal, (measured) => {
        if (measured.kind === 'bottleneck') numbers = measured.numbers;
        else latencyMs = measured.numbers[1];
      });
      const { totals } = connection;
      const last = before;
      const atMs = performance.now();
      before = totals && { totals, atMs };
      if (totals === undefined) return [];
      // A connection that is new since then has counted from zero.
      const isSame =
        last !== undefined && last.totals.updates <= totals.updates && last.totals.bytes <= totals.bytes;
      const since = isSame ? last : { totals, atMs: Number.NEGATIVE_INFINITY };
      const seconds = (atMs - since.atMs) / 1000;
      const updates = totals.updates - since.totals.updates;
      const [cpu = 10, cpuAverage = 10, network = 10, networkAverage = 10] = numbers;
      const reading: ViewerReading = {
        id: 'own',
        user: undefined,
        fps: updates / seconds,
        bytesPerSecond: (totals.bytes - since.totals.bytes) / seconds,
        ...{ latencyMs, cpu, cpuAverage, network, networkAverage },
        frame: updates > 0 ? meanFrame(totals, since.totals, updates, latencyMs) : undefined,
      };
      return [reading];
    },
  };
}

/** Resolves when both answers have come, or are not waited for any longer. */
function answers(
  connection: OwnConnection,
  signal: AbortSignal,
  take: (measured: Measured) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const missing = new Set<Measured['kind']>(['bottleneck', 'network']);
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      stop();
      resolve();
    };
    const timer = setTimeout(end, ANSWER_WITHIN_MS);
    signal.addEventListener('abort', end);
    const stop = connection.onMeasured((measured) => {
      take(measured);
      missing.delete(measured.kind);
      if (missing.size === 0) end();
    });
    connection.ask();
  });
}

/** The mean of the updates since the last reading, of which the page knows only its own part and the link. */
function meanFrame(now: Totals, before: Totals, updates: number, latencyMs = 0): StageTimes {
  const mean = (name: 'receivingMs' | 'drawingMs'): number => (now[name] - before[name]) / updates;
  const known: Partial<Record<Stage, number>> = {
    link: latencyMs / 2 + mean('receivingMs'),
    draw: mean('drawingMs'),
  };
  return STAGES.map((stage) => known[stage] ?? 0);
}
