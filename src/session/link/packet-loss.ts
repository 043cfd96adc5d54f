/**
 * Milliseconds in which a packet loses half its weight in the share. With a larger value, updates stay small for longer
 * after losses have ended. With a smaller one, a share of 1 % of a slow link's packets comes and goes by chance.
 */
const HALF_LIFE_MS = 4_000;

/**
 * Weighted number of counts with lost packets, and share of packets lost, from which a link counts as one that loses
 * packets. Counts, because a full queue or a change of network loses many packets at once, and then none. With larger
 * values, pictures stay old for longer when losses begin. With smaller ones, single losses make updates small.
 */
const LOSSY_FROM = { counts: 3, share: 0.004 } as const;

/**
 * The same for a link that counted as such: below either, it no longer does. Smaller than LOSSY_FROM, so that the size
 * of updates does not change with every packet.
 */
const LOSSY_UNTIL = { counts: 1.5, share: 0.002 } as const;

/**
 * Milliseconds between two counts. With a larger value, fewer counts have lost packets or none, and a burst is harder to
 * tell from steady losses. A smaller one asks the kernel more often.
 */
const COUNT_INTERVAL_MS = 250;

/** Packets of a connection since it began, as its kernel counts them. */
export interface PacketCounts {
  readonly sent: number;
  /** Those that were sent again, without those that had arrived nevertheless. */
  readonly lost: number;
}

/** Tells from a connection's packets whether its link loses some. The clock is passed in. */
export class PacketLoss {
  #countedAtMs = Number.NEGATIVE_INFINITY;
  #last: PacketCounts | undefined;
  #sent = 0;
  #lost = 0;
  #countsWithLoss = 0;
  #isLossy = false;

  /** Whether the link loses packets. False while nothing is known of it. */
  get isLossy(): boolean {
    return this.#isLossy;
  }

  /** Whether the next count is due. */
  wantsCount(nowMs: number): boolean {
    return nowMs - this.#countedAtMs >= COUNT_INTERVAL_MS;
  }

  /** Records a count. Undefined if the kernel does not tell. */
  counted(atMs: number, counts: PacketCounts | undefined): void {
    const elapsedMs = atMs - this.#countedAtMs;
    this.#countedAtMs = atMs;
    if (!counts) return;
    const { sent, lost } = counts;
    const last = this.#last ?? counts;
    this.#last = counts;
    const age = 0.5 ** (elapsedMs / HALF_LIFE_MS);
    this.#sent = this.#sent * age + Math.max(0, sent - last.sent);
    this.#lost = Math.max(0, this.#lost * age + lost - last.lost);
    this.#countsWithLoss = this.#countsWithLoss * age + (lost > last.lost ? 1 : 0);
    const least = this.#isLossy ? LOSSY_UNTIL : LOSSY_FROM;
    // A packet that had arrived after all may have counted as lost before.
    const counted = Math.min(this.#countsWithLoss, this.#lost);
    this.#isLossy = counted >= least.counts && this.#lost >= this.#sent * least.share;
  }
}
