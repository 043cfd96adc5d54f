import type { EventLog } from '../../events/event-log.ts';
import { apiProblem } from '../contract/errors.ts';
import { EventPieces, EventStream } from './event-stream.ts';

/**
 * Streams at the same time. Each takes about 100 KB with its connection. A larger number lets readers take more memory
 * and time; a smaller one refuses dashboards.
 */
export const MOST_READERS = 512;

/**
 * Streams that are sent new events in one turn of the event loop: 20 µs each. With more, a frame waits longer; with
 * fewer, the last reader gets an event later.
 */
const READERS_A_TURN = 32;

/** Proxies end connections that are silent for a minute. Smaller sends more, larger meets shorter limits. */
const KEEP_ALIVE_MS = 15_000;

/** Streams of events to callers of the API. While there are none, it has no timer and does not read the log. */
export class EventReaders {
  readonly #log: EventLog;
  readonly #pieces: EventPieces;
  readonly #streams = new Set<EventStream>();
  #stopReading: (() => void) | undefined;
  #keepAlive: NodeJS.Timeout | undefined;
  #waking: NodeJS.Immediate | undefined;
  /** Streams that have not been told of the newest events. */
  #toWake: EventStream[] = [];
  #isClosed = false;

  constructor(log: EventLog) {
    this.#log = log;
    this.#pieces = new EventPieces(log);
  }

  get count(): number {
    return this.#streams.size;
  }

  /** Begins a stream, after the event of that id if there is one. Throws API_TOO_MANY_READERS or API_CLOSING. */
  open(lastId: string | undefined): EventStream {
    if (this.#isClosed) throw apiProblem('API_CLOSING');
    if (this.#streams.size >= MOST_READERS)
      throw apiProblem('API_TOO_MANY_READERS', undefined, { headers: { 'Retry-After': '5' } });
    // Before anything is looked at, so that what happens from now on is published.
    this.#begin();
    const { next, head } = this.#beginning(lastId);
    const stream = new EventStream(this.#pieces, next, head);
    this.#streams.add(stream);
    stream.once('close', () => {
      this.#streams.delete(stream);
      if (this.#streams.size === 0) this.#rest();
    });
    return stream;
  }

  /** Ends all streams. */
  close(): void {
    this.#isClosed = true;
    for (const stream of this.#streams) stream.end();
    this.#rest();
  }

  /** The first number that a stream sends, and what it sends before. */
  #beginning(lastId: string | undefined): { readonly next: number; readonly head: string } {
    const log = this.#log;
    if (lastId === undefined) return { next: log.next, head: this.#pieces.hello(log.next) };
    const last = log.numberOf(lastId);
    if (last === undefined) {
      const head = `${this.#pieces.hello(log.next)}${this.#pieces.missed('restarted', null, log.next - 1)}`;
      return { next: log.next, head };
    }
    const { missed } = log.from(last + 1, 0);
    const next = last + 1 + missed;
    const told = missed > 0 ? this.#pieces.missed('too_old', missed, next - 1) : '';
    return { next, head: `${this.#pieces.hello(last + 1)}${told}` };
  }

  #begin(): void {
    this.#stopReading ??= this.#log.read({ published: () => this.#published() });
    this.#keepAlive ??= setInterval(() => {
      for (const stream of this.#streams) stream.keepAlive();
    }, KEEP_ALIVE_MS).unref();
  }

  #rest(): void {
    this.#stopReading?.();
    this.#stopReading = undefined;
    clearInterval(this.#keepAlive);
    this.#keepAlive = undefined;
    clearImmediate(this.#waking);
    this.#waking = undefined;
    this.#toWake = [];
  }

  /** Any number of events in a turn wake each stream once. */
  #published(): void {
    this.#toWake = [...this.#streams];
    this.#waking ??= setImmediate(() => this.#wakeSome());
  }

  #wakeSome(): void {
    for (const stream of this.#toWake.splice(0, READERS_A_TURN)) stream.wake();
    this.#waking = this.#toWake.length > 0 ? setImmediate(() => this.#wakeSome()) : undefined;
  }
}
