/**
 * Time after which a viewer's start is over in any case, in milliseconds. A larger value leaves slow frames of a
 * desktop that never rests out of the statistics; a smaller one counts those of a start on a slow link.
 */
export const LONGEST_START_MS = 10_000;

/**
 * The start of one viewer: its updates up to the first after which it had the whole picture. The first frame starts
 * encoder threads and compiles code, so its time tells nothing about the load of the server.
 */
export class StartUp {
  readonly #startMs: number;
  /** Whether the update that was planned last leaves no part of the picture for a later one. */
  #isWhole = false;
  #isOver = false;

  /** `nowMs`: when the viewer connected, on any clock that only moves on. */
  constructor(nowMs: number) {
    this.#startMs = nowMs;
  }

  /** An update has been planned. `leavesSome`: the viewer lacks changes that are not in it. */
  taken(leavesSome: boolean): void {
    this.#isWhole = !leavesSome;
  }

  /** The update has been sent. Returns whether it belongs to the start. */
  ends(nowMs: number): boolean {
    if (this.#isOver) return false;
    this.#isOver = this.#isWhole || nowMs - this.#startMs >= LONGEST_START_MS;
    return nowMs - this.#startMs < LONGEST_START_MS;
  }
}
