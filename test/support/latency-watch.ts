import { monotonicMs } from '../../bench/clock.ts';
import { type Marker, readFrameNumber } from '../../bench/frame-number.ts';
import { percentile } from '../../bench/statistics.ts';
import { type FixedPicture, markerGroups } from '../../bench/workloads.ts';
import { Standstill } from './standstill.ts';
import type { UpdateInfo, Viewer } from './viewer.ts';

/**
 * What a viewer saw of a moving picture. Latencies are in ms, from the paint of a frame to its decoded pixels. Time in
 * which the viewer's process stood still counts neither for them nor for `fps`.
 */
export interface Seen {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
  /** Frame numbers seen per second, at the place that saw the fewest. */
  readonly fps: number;
  /** Bytes per pixel sent. */
  readonly bytesPerPx: number;
  /** Longest time without any update. */
  readonly longestGapMs: number;
}

interface Sighting {
  readonly number: number;
  readonly atMs: number;
}

/**
 * Reads the frame numbers of a moving picture from a viewer's pixels after each update, separately at each place:
 * an update may bring the top of one frame, and the next one the lower part of a later frame.
 */
export class LatencyWatch {
  readonly #viewer: Viewer;
  readonly #places: readonly { readonly marker: Marker; readonly seen: Map<number, number> }[];
  readonly #updates: { readonly atMs: number; readonly bytes: number; readonly areaPx: number }[] = [];
  readonly #standstill = new Standstill();
  readonly #looked = (update: UpdateInfo): void => this.#look(update);

  constructor(viewer: Viewer, picture: FixedPicture) {
    this.#viewer = viewer;
    const markers = markerGroups(picture, viewer.size).flat();
    this.#places = markers.map((marker) => ({ marker, seen: new Map() }));
    viewer.on('update', this.#looked);
  }

  /** Number of updates so far. */
  get updates(): number {
    return this.#updates.length;
  }

  /** Number of different frames so far, at the place that saw the fewest. */
  get frames(): number {
    return Math.min(...this.#places.map(({ seen }) => seen.size));
  }

  /** Stops watching. */
  stop(): void {
    this.#viewer.off('update', this.#looked);
    this.#standstill[Symbol.dispose]();
  }

  /**
   * Returns what was seen from `fromMs` to `toMs` of frames painted at the times in `painted`. All in
   * `monotonicMs`.
   */
  between(fromMs: number, toMs: number, painted: ReadonlyMap<number, number>): Seen {
    const within = ({ atMs }: { atMs: number }): boolean => atMs >= fromMs && atMs < toMs;
    const byPlace = this.#places.map(({ seen }) =>
      [...seen].map(([number, atMs]): Sighting => ({ number, atMs })).filter(within),
    );
    const latencies = byPlace.flat().flatMap(({ number, atMs }) => {
      const paintedAtMs = painted.get(number);
      if (paintedAtMs === undefined) return [];
      return [atMs - paintedAtMs - this.#standstill.between(paintedAtMs, atMs)];
    });
    const updates = this.#updates.filter(within);
    const times = [fromMs, ...updates.map(({ atMs }) => atMs), toMs];
    const watchedMs = toMs - fromMs - this.#standstill.between(fromMs, toMs);
    const sum = (of: 'bytes' | 'areaPx'): number => updates.reduce((total, update) => total + update[of], 0);
    return {
      p50Ms: percentile(latencies, 0.5) ?? Number.POSITIVE_INFINITY,
      p95Ms: percentile(latencies, 0.95) ?? Number.POSITIVE_INFINITY,
      p99Ms: percentile(latencies, 0.99) ?? Number.POSITIVE_INFINITY,
      mostMs: Math.max(...latencies),
      fps: Math.min(...byPlace.map((sightings) => sightings.length)) / (watchedMs / 1000),
      bytesPerPx: sum('bytes') / sum('areaPx'),
      longestGapMs: Math.max(...times.slice(1).map((atMs, i) => atMs - times[i]!)),
    };
  }

  #look({ bytes, rects }: UpdateInfo): void {
    const atMs = monotonicMs();
    const areaPx = rects.reduce(
      (sum, { width, height, encoding }) => sum + (encoding < 0 ? 0 : width * height),
      0,
    );
    this.#updates.push({ atMs, bytes, areaPx });
    const { pixels, size } = this.#viewer.framebuffer;
    for (const { marker, seen } of this.#places) {
      const number = readFrameNumber(pixels, size.width, marker);
      if (number !== undefined && !seen.has(number)) seen.set(number, atMs);
    }
  }
}

/** Returns a line for a test's output. */
export function describeSeen({ p50Ms, p95Ms, p99Ms, mostMs, fps, bytesPerPx, longestGapMs }: Seen): string {
  const ms = [p50Ms, p95Ms, p99Ms, mostMs].map(Math.round).join(' / ');
  return `latency p50 / p95 / p99 / most ${ms} ms, ${fps.toFixed(1)} fps, ${bytesPerPx.toFixed(3)} bytes a pixel, longest gap ${Math.round(longestGapMs)} ms`;
}
