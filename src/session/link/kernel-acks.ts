/** What the kernel tells of one connection, since it began. Times are in milliseconds. */
export interface LinkTimes {
  /** Time for which bytes were on their way: sent, and not acknowledged by the kernel of the other side. */
  readonly busyMs: number;
  /** Shortest round trip of a packet. */
  readonly roundTripMs: number;
  /** Time since bytes were received last, in ticks of some milliseconds. */
  readonly receivedAgoMs: number;
}

/**
 * Share of the time since an update for which the link has been busy, from which it still is: its time is counted in
 * ticks of some milliseconds. A larger share takes a link that stalls for an idle one; a smaller one takes a viewer that
 * draws for as long as its update took for a link.
 */
const STILL_BUSY_SHARE = 0.95;
/** Time since an update after which that share tells, in milliseconds. */
const STILL_BUSY_FROM_MS = 200;

/**
 * Tells until when the link carried the last update of a viewer without fences, by the acknowledgements of TCP. A proxy
 * on the way acknowledges for the viewer: then the link behind it is not seen. The clock is passed in.
 */
export class KernelAcks {
  #sent: { readonly atMs: number; readonly busyMs: number } | undefined;

  /** All of an update was passed to the socket. `times` is undefined if the kernel does not tell. */
  updateEnds(nowMs: number, times: Omit<LinkTimes, 'receivedAgoMs'> | undefined): void {
    this.#sent = times && { atMs: nowMs, busyMs: times.busyMs };
  }

  /**
   * Time when the link had carried that update, without its own round trip; `nowMs` if it has not. Undefined if that is
   * not known.
   */
  carriedAtMs(nowMs: number, times: Omit<LinkTimes, 'receivedAgoMs'> | undefined): number | undefined {
    if (!times || !this.#sent) return undefined;
    const { atMs } = this.#sent;
    const busyMs = times.busyMs - this.#sent.busyMs;
    const passedMs = nowMs - atMs;
    if (passedMs >= STILL_BUSY_FROM_MS && busyMs >= passedMs * STILL_BUSY_SHARE) return nowMs;
    return Math.min(nowMs, atMs + Math.max(0, busyMs - times.roundTripMs));
  }
}
