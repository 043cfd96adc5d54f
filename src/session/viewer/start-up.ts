import type { StartTiming } from '../../stats/frame-stats.ts';

/**
 * Time after which a viewer's start is over in any case, in milliseconds. A larger value leaves slow frames of a
 * desktop that never rests out of the statistics; a smaller one counts those of a start on a slow link.
 */
export const LONGEST_START_MS = 10_000;

/**
 * The start of one viewer: its updates up to the first after which it had the whole picture. The first frame starts
 * encoder threads and compiles code, so its time tells nothing about the load of the server; get_frame_stats reports it
 * as a start's.
 */
export class StartUp {
  readonly #startMs: number;
  /** Whether the update that was planned last leaves no part of the picture for a later one. */
  #isWhole = false;
  #isOver = false;
  #frames = 0;
  #serverMs = 0;
  #slowestMs = 0;
  #wholeAfterMs: number | undefined;

  /** `nowMs`: when the viewer connected, on any clock that only moves on. */
  constructor(nowMs: number) {
    this.#startMs = nowMs;
  }

  /** An update has been planned. `leavesSome`: the viewer lacks changes that are not in it. */
  taken(leavesSome: boolean): void {
    this.#isWhole = !leavesSome;
  }

  /**
   * The update has been sent, whose frame took `cpuMs` from the start of its capture to its last encoded byte. Returns
   * whether it belongs to the start, which then has it.
   */
  takes(nowMs: number, cpuMs: number): boolean {
    const afterMs = nowMs - this.#startMs;
    if (this.#isOver) return false;
    this.#isOver = this.#isWhole || afterMs >= LONGEST_START_MS;
    if (afterMs >= LONGEST_START_MS) return false;
    this.#frames++;
    this.#serverMs += cpuMs;
    this.#slowestMs = Math.max(this.#slowestMs, cpuMs);
    if (this.#isWhole) this.#wholeAfterMs = afterMs;
    return true;
  }

  /** Whether the update that is being sent belongs to the start no more. */
  isOver(nowMs: number): boolean {
    return this.#isOver || nowMs - this.#startMs >= LONGEST_START_MS;
  }

  get timing(): Omit<StartTiming, 'client'> {
    return {
      frames: this.#frames,
      serverUs: this.#serverMs * 1000,
      slowestUs: this.#slowestMs * 1000,
      pictureUs: this.#wholeAfterMs === undefined ? undefined : this.#wholeAfterMs * 1000,
    };
  }
}
