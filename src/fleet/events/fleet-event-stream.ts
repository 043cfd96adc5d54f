import { Readable } from 'node:stream';
import type { Granted } from '../store/rights.ts';
import { mayKnow } from './fleet-event.ts';
import { type FleetEventLog, type Place, sseBlock } from './fleet-event-log.ts';

/** Bytes of a stream that may wait for its connection. The rest of what a slow reader has not read stays in the log. */
const MOST_WAITING_BYTES = 16 * 1024;

/** Events that are looked at in one turn. A larger number keeps the main thread longer for one reader. */
const EVENTS_A_TURN = 256;

const KEEP_ALIVE = Buffer.from(':\n\n');

/** What EventSource waits before it connects again, in milliseconds. */
const RETRY_MS = 2000;

export interface FleetEventStreamOptions {
  readonly log: FleetEventLog;
  readonly place: Place;
  /** Version of the state at the beginning. */
  readonly version: number;
  /** What the reader has been granted now. Undefined if the login is not good any more. */
  readonly granted: () => Granted | undefined;
}

/** The events of a fleet that one reader may know of, from one number on. */
export class FleetEventStream extends Readable {
  readonly #options: FleetEventStreamOptions;
  #next: number;
  #isWaiting = false;
  #again: NodeJS.Immediate | undefined;

  constructor(options: FleetEventStreamOptions) {
    super({ highWaterMark: MOST_WAITING_BYTES });
    this.#options = options;
    const { log, place, version } = options;
    this.#next = place.next;
    const id = log.idOf(place.next - 1, version);
    const hello = sseBlock(id, 'hello', JSON.stringify({ id, type: 'hello', version }));
    this.push(`retry: ${RETRY_MS}\n${hello}${place.hasMissed ? missed(id) : ''}`);
  }

  /** There are new events, or the reader may have lost the right to read. */
  wake(): void {
    if (this.#options.granted() === undefined) this.end();
    else if (this.#isWaiting) this.#send();
  }

  keepAlive(): void {
    if (this.#isWaiting) this.push(KEEP_ALIVE);
  }

  /** Ends the stream. What was not sent is left out. */
  end(): void {
    clearImmediate(this.#again);
    if (!this.readableEnded && !this.destroyed) this.push(null);
  }

  override _read(): void {
    this.#send();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearImmediate(this.#again);
    done(error);
  }

  #send(): void {
    const { log, granted } = this.#options;
    const now = granted();
    if (now === undefined) {
      this.end();
      return;
    }
    this.#isWaiting = false;
    let text = '';
    for (let looked = 0; looked < EVENTS_A_TURN && text.length < MOST_WAITING_BYTES; looked++) {
      const { event, hasMissed } = log.from(this.#next);
      if (hasMissed) text += missed(log.idOf((event?.number ?? log.next) - 1, event?.version ?? 0));
      this.#next = event === undefined ? log.next : event.number + 1;
      if (event === undefined) break;
      if (mayKnow(now, event.audience)) text += event.text;
    }
    if (text !== '') this.push(text);
    else if (this.#next < log.next) this.#again = setImmediate(() => this.#send());
    else this.#isWaiting = true;
  }
}

const missed = (id: string): string => sseBlock(id, 'missed', JSON.stringify({ id, type: 'missed' }));
