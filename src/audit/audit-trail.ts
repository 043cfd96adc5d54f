import { addressBlock } from '../common/address-block.ts';
import { BoundedMap } from '../common/bounded-map.ts';
import { TokenBucket, type TokenRate } from '../common/token-bucket.ts';
import type { Audit, AuditEntry } from './audit.ts';
import { auditLines } from './audit-lines.ts';
import { type Repeat, Repeats } from './repeats.ts';

/**
 * Lines about callers who have not logged in. With a larger rate, strangers push older lines out of the file sooner (one
 * line a second is 17 MB a day); with a smaller one, more of what they tried is only counted.
 */
export const STRANGERS_RATE: TokenRate = { perSecond: 1, burst: 200 };
/**
 * The same for each address, or /64 of IPv6, so that one stranger's flood leaves room for lines about the others. With
 * a larger rate fewer addresses take all of it; with a smaller one, more of what one stranger tried is only counted.
 */
export const STRANGER_RATE: TokenRate = { perSecond: 0.25, burst: 50 };
/** Addresses whose lines are counted. With fewer, one that is forgotten begins a new burst. */
const MAX_ADDRESSES = 1000;
/**
 * The same for each user, so that one user's flood hides nothing about another. Lines about changes of users are not
 * limited.
 */
export const USER_RATE: TokenRate = { perSecond: 2, burst: 500 };
/** Users whose lines are counted, about 100 bytes each. With fewer, a user who is forgotten begins a new burst. */
const MAX_USERS = 1000;

export interface AuditTrailOptions {
  /** Takes a line. Returns false if it has no room for it. */
  append(line: string): boolean;
  /** Milliseconds of a clock that never goes back. */
  nowMs(): number;
  /** The time that lines carry. */
  date(): Date;
}

/** Decides which entries become lines: changes each, what repeats itself once and then as a number. */
export class AuditTrail implements Audit {
  readonly #options: AuditTrailOptions;
  readonly #repeats = new Repeats();
  readonly #strangers: TokenBucket;
  readonly #addresses = new BoundedMap<string, TokenBucket>(MAX_ADDRESSES);
  readonly #users = new BoundedMap<string, TokenBucket>(MAX_USERS);
  #omitted = 0;
  #lost = 0;

  constructor(options: AuditTrailOptions) {
    this.#options = options;
    this.#strangers = new TokenBucket(STRANGERS_RATE, options.nowMs());
  }

  record(entry: AuditEntry): void {
    const nowMs = this.#options.nowMs();
    if (repeatsItself(entry)) {
      this.#writeCounts(this.#repeats.takeDue(nowMs));
      if (!this.#repeats.isFirst(entry, nowMs)) return;
    }
    if (isChange(entry) || this.#mayWrite(entry, nowMs)) this.#write(entry);
    else this.#omitted += 1;
  }

  /** Writes counts whose window has ended. Called every few seconds. */
  tick(): void {
    this.#writeCounts(this.#repeats.takeDue(this.#options.nowMs()));
    this.#writeMissing();
  }

  /** Writes all counts. The caller closes the file afterwards. */
  close(): void {
    this.#writeCounts(this.#repeats.takeAll());
    this.#writeMissing();
  }

  #mayWrite({ user, address = '' }: AuditEntry, nowMs: number): boolean {
    if (user !== undefined) return bucketOf(this.#users, user, USER_RATE, nowMs).take(1, nowMs);
    const own = bucketOf(this.#addresses, addressBlock(address), STRANGER_RATE, nowMs);
    return own.take(1, nowMs) && this.#strangers.take(1, nowMs);
  }

  /** A count is a line like any other: a flood of ever new kinds ends windows early. */
  #writeCounts(repeats: readonly Repeat[]): void {
    const nowMs = this.#options.nowMs();
    for (const { entry, count } of repeats) {
      if (count === 0) continue;
      if (this.#mayWrite(entry, nowMs)) this.#write(entry, count);
      else this.#omitted += count;
    }
  }

  #write(entry: AuditEntry, repeated = 0): void {
    for (const line of auditLines(entry, this.#options.date(), repeated)) {
      if (!this.#options.append(line)) this.#lost += 1;
    }
  }

  #writeMissing(): void {
    if (this.#omitted > 0 && this.#append(missing('AUDIT_OMITTED'), this.#omitted)) this.#omitted = 0;
    if (this.#lost > 0 && this.#append(missing('AUDIT_LOST'), this.#lost)) this.#lost = 0;
  }

  #append(entry: AuditEntry, repeated: number): boolean {
    const [line = ''] = auditLines(entry, this.#options.date(), repeated);
    return this.#options.append(line);
  }
}

function bucketOf(
  buckets: BoundedMap<string, TokenBucket>,
  key: string,
  rate: TokenRate,
  nowMs: number,
): TokenBucket {
  const bucket = buckets.get(key) ?? new TokenBucket(rate, nowMs);
  buckets.set(key, bucket);
  return bucket;
}

const missing = (code: 'AUDIT_OMITTED' | 'AUDIT_LOST'): AuditEntry => ({
  door: 'server',
  outcome: 'refused',
  code,
});

/** Whether each such entry has a line, at any rate: who changed users, and whether the server ran. */
const isChange = ({ door, users }: AuditEntry): boolean => users !== undefined || door === 'server';

/** Whether entries like this one are only counted for a while. Those of a viewer's connection are few as they are. */
const repeatsItself = (entry: AuditEntry): boolean => !isChange(entry) && entry.connection === undefined;
