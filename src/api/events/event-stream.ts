import { Readable } from 'node:stream';
import type { MissedReason } from '../../events/event.ts';
import type { EventLog, KeptEvent } from '../../events/event-log.ts';

/**
 * Events in one piece of the stream. A larger number keeps the main thread longer for a reader that is far behind; a
 * smaller one takes more pieces.
 */
const MOST_EVENTS_A_PIECE = 64;

/**
 * Bytes of a stream that may wait for the connection, apart from what the socket holds. The rest of what a slow reader
 * has not read stays in the log. A larger value takes more memory for each reader, a smaller one more pieces.
 */
const MOST_WAITING_BYTES = 16 * 1024;

/** Keeps proxies from ending a stream that is silent, and finds readers that are gone. EventSource ignores it. */
const KEEP_ALIVE = Buffer.from(':\n\n');

/** What EventSource waits before it connects again, in milliseconds. */
const RETRY_MS = 2000;

/** A part of a stream, and the number of the event that follows it. */
interface Piece {
  readonly bytes: Buffer;
  readonly next: number;
}

/**
 * The text of events for streams. Readers that have read equally far are sent the same bytes, which are made once.
 */
export class EventPieces {
  readonly #log: EventLog;
  #from = 0;
  #last: Piece | undefined;

  constructor(log: EventLog) {
    this.#log = log;
  }

  /** What follows this number. Undefined if nothing does yet. */
  from(number: number): Piece | undefined {
    if (number >= this.#log.next) return undefined;
    // A piece that is not full may have grown.
    if (this.#last && this.#from === number && this.#isComplete(this.#last)) return this.#last;
    const { events, missed } = this.#log.from(number, MOST_EVENTS_A_PIECE);
    const told = missed > 0 ? this.missed('too_slow', missed, number + missed - 1) : '';
    const next = number + missed + events.length;
    this.#from = number;
    this.#last = { bytes: Buffer.from(told + events.map(sseText).join('')), next };
    return this.#last;
  }

  /** The first bytes of a stream. The id holds if the connection breaks before the first event. */
  hello(number: number): string {
    const id = this.#log.idOf(number - 1);
    return `retry: ${RETRY_MS}\n${sseBlock(id, 'hello', JSON.stringify({ id, type: 'hello' }))}`;
  }

  /** Tells a reader that events are not sent. `count` is null if nobody knows how many. `number`: that of the last. */
  missed(reason: MissedReason, count: number | null, number: number): string {
    const id = this.#log.idOf(number);
    return sseBlock(id, 'missed', JSON.stringify({ id, type: 'missed', reason, count }));
  }

  #isComplete({ next }: Piece): boolean {
    return next >= this.#log.next || next - this.#from >= MOST_EVENTS_A_PIECE;
  }
}

/**
 * The events from one number on, for one reader. It takes them from the log when the connection can take more, so that
 * a slow reader costs no more memory than a quick one.
 */
export class EventStream extends Readable {
  readonly #pieces: EventPieces;
  #next: number;
  #isWaiting = false;

  /** `head` is sent first. */
  constructor(pieces: EventPieces, next: number, head: string) {
    super({ highWaterMark: MOST_WAITING_BYTES });
    this.#pieces = pieces;
    this.#next = next;
    this.push(head);
  }

  /** There are new events. */
  wake(): void {
    if (this.#isWaiting) this.#send();
  }

  keepAlive(): void {
    if (this.#isWaiting) this.push(KEEP_ALIVE);
  }

  /** Ends the stream. What was not sent is left out. */
  end(): void {
    if (!this.readableEnded && !this.destroyed) this.push(null);
  }

  override _read(): void {
    this.#send();
  }

  #send(): void {
    const piece = this.#pieces.from(this.#next);
    this.#isWaiting = piece === undefined;
    if (!piece) return;
    this.#next = piece.next;
    this.push(piece.bytes);
  }
}

const sseText = ({ id, type, json }: KeptEvent): string => sseBlock(id, type, json);

const sseBlock = (id: string, type: string, json: string): string =>
  `id: ${id}\nevent: ${type}\ndata: ${json}\n\n`;
