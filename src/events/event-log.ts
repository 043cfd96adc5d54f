import { randomBytes } from 'node:crypto';
import { type After, afterReal } from '../common/after.ts';
import { TokenBucket, type TokenRate } from '../common/token-bucket.ts';
import type { DeskEvent, EventSink, EventType } from './event.ts';

/**
 * Time for which an event is kept, in milliseconds: the minute that readers are promised, and the time that it may take
 * them to connect again. A larger value takes more memory; a smaller one breaks the promise.
 */
export const KEPT_MS = 75_000;

/**
 * Events that are kept. Each takes about 300 bytes. A larger number takes more memory in a flood of events; with a
 * smaller one, readers that were away for a minute are told sooner that they have missed some.
 */
export const MOST_KEPT = 8192;

/**
 * Events of one type. A bulk call may change 1,000 users at once, and two of them fit. A larger rate lets a flood of
 * one type push the others out of the log; a smaller one leaves out events that a busy desktop really has.
 */
const TYPE_RATE: TokenRate = { perSecond: 10, burst: 2000 };

/** An event with its number and its form for readers. */
export interface KeptEvent {
  readonly number: number;
  readonly id: string;
  readonly type: EventType;
  /** JSON object with `id`, `type`, `at` and what the event says. */
  readonly json: string;
  readonly atMs: number;
}

export interface EventReader {
  /** The types that it reads. By default all. */
  readonly wants?: (type: EventType) => boolean;
  /** There is a new event. Must return at once. */
  published(): void;
}

interface Follower {
  readonly types: readonly EventType[];
  readonly follow: (isFollowed: boolean) => void;
  isFollowed: boolean;
}

export interface EventLogOptions {
  /** A clock of milliseconds that never goes back. */
  readonly nowMs: () => number;
  readonly date: () => Date;
  readonly after: After;
}

const REAL: EventLogOptions = {
  nowMs: () => performance.now(),
  date: () => new Date(),
  after: afterReal,
};

/**
 * The events of the last minute, numbered. Readers have a number up to which they have read, and take what follows. So
 * a reader that is slow, or comes back, costs no memory of its own.
 */
export class EventLog implements EventSink {
  readonly #options: EventLogOptions;
  /** Names this life of the server in ids. Numbers begin anew with each. */
  readonly #life = randomBytes(6).toString('hex');
  #kept: KeptEvent[] = [];
  #next = 1;
  readonly #rates = new Map<EventType, { readonly bucket: TokenBucket; omitted: number }>();
  readonly #counts = new Map<EventType, number>();
  readonly #readers = new Set<EventReader>();
  readonly #followers: Follower[] = [];
  #stopLinger: (() => void) | undefined;

  constructor(options = REAL) {
    this.#options = options;
  }

  /** The number that the next event will have. */
  get next(): number {
    return this.#next;
  }

  /** Events since the start, by type, with those that were left out. */
  get counts(): ReadonlyMap<EventType, number> {
    return this.#counts;
  }

  publish(event: DeskEvent): void {
    const atMs = this.#options.nowMs();
    this.#counts.set(event.type, (this.#counts.get(event.type) ?? 0) + 1);
    const rate = this.#rateOf(event.type, atMs);
    if (!rate.bucket.take(1, atMs)) {
      rate.omitted++;
      return;
    }
    const number = this.#next++;
    const { type, ...facts } = event;
    const omitted = rate.omitted > 0 ? { omitted: rate.omitted } : {};
    rate.omitted = 0;
    const at = this.#options.date().toISOString();
    const id = this.idOf(number);
    const json = JSON.stringify({ id, type, at, ...facts, ...omitted });
    this.#kept.push({ number, id, type, json, atMs });
    this.#forget(atMs);
    for (const reader of this.#readers) reader.published();
  }

  onFollowed(types: readonly EventType[], follow: (isFollowed: boolean) => void): void {
    this.#followers.push({ types, follow, isFollowed: false });
    this.#look(true);
  }

  /** Tells the reader of each event until the returned function is called. */
  read(reader: EventReader): () => void {
    this.#readers.add(reader);
    this.#look(true);
    return () => {
      if (!this.#readers.delete(reader)) return;
      this.#stopLinger?.();
      // It misses nothing if it connects again within the time for which events are kept.
      this.#stopLinger = this.#options.after(KEPT_MS, () => this.#look(false));
    };
  }

  /** The events from this number on, `most` at most, and how many before them are no longer kept. */
  from(number: number, most: number): { readonly events: readonly KeptEvent[]; readonly missed: number } {
    const first = this.#kept[0]?.number ?? this.#next;
    const missed = Math.max(0, first - number);
    const at = Math.max(0, number - first);
    return { events: this.#kept.slice(at, at + most), missed };
  }

  idOf(number: number): string {
    return `${this.#life}-${number}`;
  }

  /** The number of an id of this life of the server. Undefined for other texts. */
  numberOf(id: string): number | undefined {
    const [, life, digits] = /^([0-9a-f]{12})-(\d{1,15})$/.exec(id) ?? [];
    const number = Number(digits);
    return life === this.#life && number < this.#next ? number : undefined;
  }

  /** Ends what waits. Events that are published later are kept, and nobody is told. */
  close(): void {
    this.#stopLinger?.();
    this.#readers.clear();
    this.#look(false);
    this.#followers.length = 0;
  }

  /** Tells the followers what has changed. `isBegin`: some may be followed now, and none is no longer. */
  #look(isBegin: boolean): void {
    for (const follower of this.#followers) {
      const isWanted = [...this.#readers].some(({ wants }) => !wants || follower.types.some(wants));
      if (isWanted === follower.isFollowed || (isBegin && !isWanted)) continue;
      follower.isFollowed = isWanted;
      follower.follow(isWanted);
    }
  }

  #rateOf(type: EventType, nowMs: number): { readonly bucket: TokenBucket; omitted: number } {
    const known = this.#rates.get(type);
    if (known) return known;
    const rate = { bucket: new TokenBucket(TYPE_RATE, nowMs), omitted: 0 };
    this.#rates.set(type, rate);
    return rate;
  }

  #forget(nowMs: number): void {
    const due = this.#kept.findIndex(({ atMs }) => nowMs - atMs <= KEPT_MS);
    const over = Math.max(due, this.#kept.length - MOST_KEPT);
    if (over > 0) this.#kept.splice(0, over);
  }
}
