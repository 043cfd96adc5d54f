import { randomBytes } from 'node:crypto';
import type { AddressedEvent, Audience } from './fleet-event.ts';

/** Time in ms for which an event is kept: in which readers connect again. A larger value takes more memory. */
const KEPT_MS = 75_000;

/**
 * Events that are kept. Each takes about 300 bytes. With a smaller number, a change of 1,000 users pushes out what
 * readers have not read.
 */
export const MOST_KEPT = 8192;

interface KeptEvent {
  readonly number: number;
  /** Version of the state at which it was seen. */
  readonly version: number;
  /** As readers get it. */
  readonly text: string;
  readonly audience: Audience;
  readonly atMs: number;
}

/** Where a reader goes on, and whether it misses something before. */
export interface Place {
  readonly next: number;
  readonly hasMissed: boolean;
}

/** The events of a fleet that this edge has seen in the last minute, numbered. */
export class FleetEventLog {
  /** Names this life of the edge in ids. */
  readonly #life = randomBytes(4).toString('hex');
  readonly #kept: KeptEvent[] = [];
  #next = 1;
  /** All events of later versions are kept. */
  #completeFrom: number;

  constructor(version: number) {
    this.#completeFrom = version;
  }

  get next(): number {
    return this.#next;
  }

  publish({ event, audience }: AddressedEvent, version: number): void {
    const atMs = performance.now();
    const number = this.#next++;
    const id = this.idOf(number, version);
    const json = JSON.stringify({ id, at: new Date().toISOString(), version, ...event });
    this.#kept.push({ number, version, text: sseBlock(id, event.type, json), audience, atMs });
    const due = this.#kept.findIndex((one) => atMs - one.atMs <= KEPT_MS);
    const over = Math.max(due, this.#kept.length - MOST_KEPT);
    if (over <= 0) return;
    this.#completeFrom = this.#kept[over - 1]!.version;
    this.#kept.splice(0, over);
  }

  /** The first event from this number on that is kept. */
  from(number: number): { readonly event: KeptEvent | undefined; readonly hasMissed: boolean } {
    const first = this.#kept[0]?.number ?? this.#next;
    return { event: this.#kept[Math.max(0, number - first)], hasMissed: number < first };
  }

  idOf(number: number, version: number): string {
    return `${version}-${this.#life}-${number}`;
  }

  /**
   * Where a reader goes on that has the event of this id, of whichever edge. Another edge may have seen several changes
   * at once, so that a reader may be told some of them twice.
   */
  after(id: string): Place {
    const [, version, life, number] = /^(\d{1,15})-([0-9a-f]{8})-(\d{1,15})$/.exec(id) ?? [];
    if (version === undefined) return { next: this.#next, hasMissed: true };
    if (life === this.#life && Number(number) < this.#next) {
      const next = Number(number) + 1;
      const { hasMissed } = this.from(next);
      return { next, hasMissed };
    }
    const later = this.#kept.find((event) => event.version > Number(version));
    return { next: later?.number ?? this.#next, hasMissed: Number(version) < this.#completeFrom };
  }
}

export const sseBlock = (id: string, type: string, json: string): string =>
  `id: ${id}\nevent: ${type}\ndata: ${json}\n\n`;
