import { BoundedMap } from '../../common/bounded-map.ts';
import { TokenBucket, type TokenRate } from '../../common/token-bucket.ts';
import type { ConnectionLimits } from './connection-limits.ts';

/**
 * Addresses whose connections are counted, about 150 bytes each. With a smaller number, a peer with many addresses
 * makes the server forget one sooner, which then may connect as often as a new one.
 */
const MAX_ADDRESSES = 10_000;

/** How many times a second one address may do something. */
export class AddressRates {
  readonly #rate: TokenRate;
  readonly #nowMs: () => number;
  readonly #buckets = new BoundedMap<string, TokenBucket>(MAX_ADDRESSES);

  constructor(rate: TokenRate, nowMs: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#nowMs = nowMs;
  }

  /** Counts one more. Returns false if it is one too many. Without an address, none is. */
  admits(block: string | undefined): boolean {
    if (block === undefined) return true;
    const nowMs = this.#nowMs();
    const bucket = this.#buckets.touch(block) ?? new TokenBucket(this.#rate, nowMs);
    if (!this.#buckets.has(block)) this.#buckets.set(block, bucket);
    return bucket.take(1, nowMs);
  }
}

/**
 * Seconds at the full rate that an address may make up for at once. A class of 100 behind a router opens 600
 * connections, and again after it lost them. A larger number lets an address take the main thread for longer, a smaller
 * one refuses classes.
 */
const BURST_S = 20;

/**
 * How often one address may connect. At once, it may make all connections that it may have, lose them, and make them
 * once more.
 */
export const connectRate = ({
  connectsOfAddressPerSecond: perSecond,
  connectionsOfAddress,
}: Pick<ConnectionLimits, 'connectsOfAddressPerSecond' | 'connectionsOfAddress'>): TokenRate => ({
  perSecond,
  burst: Math.max(BURST_S * perSecond, 2 * connectionsOfAddress),
});
