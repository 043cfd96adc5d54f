/**
 * Number of answers that are remembered: 3 to 7 seconds of a moving picture. With more, updates stay small for longer
 * after a loss; with fewer, they are large again before the next one.
 */
const REMEMBERED = 64;

/**
 * The largest of the remembered answers that do not count. A single hitch delays as many: bbr measures the round trip
 * every 10 s, and sends little for 200 ms then. A larger number makes updates on links that lose packets older.
 */
const HITCH = 3;

/**
 * How much later than the rate of the link lets expect the answers to updates come. On a link that loses packets, that
 * is the time for which TCP holds back what arrived after a lost packet, until it has been sent again.
 */
export class LateAnswers {
  readonly #ms = new Float64Array(REMEMBERED);
  readonly #sorted = new Float64Array(REMEMBERED);
  #count = 0;

  /** Notes an answer that came so much later than expected; less than 0 if it came earlier. */
  add(ms: number): void {
    this.#ms[this.#count++ % REMEMBERED] = ms;
  }

  /** The largest of the remembered answers besides those of one hitch, at least 0. */
  get lateMs(): number {
    this.#sorted.set(this.#ms);
    return Math.max(0, this.#sorted.sort()[REMEMBERED - 1 - HITCH]!);
  }
}
