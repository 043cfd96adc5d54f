/** Counts observations by size. Adding one allocates nothing. */
export class Histogram {
  /** Upper bounds of the buckets, in rising order. The last bucket, without a bound, is not listed. */
  readonly bounds: readonly number[];
  /** Observations by bucket; one more than bounds. */
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  get sum(): number {
    return this.#sum;
  }

  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  add(value: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && value > this.bounds[bucket]!) bucket++;
    this.#counts[bucket]!++;
    this.#sum += value;
  }

  /** For each bound, the observations up to it. */
  cumulative(): number[] {
    let sum = 0;
    return this.bounds.map((_, bucket) => (sum += this.#counts[bucket]!));
  }
}
