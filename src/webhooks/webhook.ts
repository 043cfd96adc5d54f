import type { After } from '../common/after.ts';
import type { EventType } from '../events/event.ts';
import type { EventLog, KeptEvent } from '../events/event-log.ts';
import { nextAttempt } from './next-attempt.ts';

/**
 * Events that wait for one receiver. Each takes about 300 bytes. A larger number takes more memory while a receiver is
 * away; with a smaller one it misses more.
 */
export const MOST_WAITING = 1000;

/** Events taken from the log at once. */
const EVENTS_A_TURN = 256;

/** Answer of a receiver. */
export interface Answer {
  /** Undefined if there was none. */
  readonly status: number | undefined;
  readonly retryAfterS?: number | undefined;
  /** Why there was none. */
  readonly error?: Error;
}

export interface WebhookOptions {
  readonly log: EventLog;
  readonly wants: (type: EventType) => boolean;
  /** Sends one event. Never rejects. */
  send(id: string, body: string, signal: AbortSignal): Promise<Answer>;
  readonly after: After;
  /** A number from 0 to 1, another one each time. */
  random(): number;
  /** The receiver does not take events. Called once until it does again. */
  failing(answer: Answer): void;
  recovered(): void;
}

/** What became of a receiver's events since the start. */
export interface DeliveryCounts {
  delivered: number;
  /** Attempts that failed. */
  failed: number;
  /** Events that were given up, or for which there was no room. */
  dropped: number;
}

type Waiting = Pick<KeptEvent, 'id' | 'json'>;

/**
 * Delivers events to one receiver, one after the other, in their order. What it cannot take waits, and is bounded: the
 * oldest makes way, and the receiver is told how many it has missed.
 */
export class Webhook {
  readonly counts: DeliveryCounts = { delivered: 0, failed: 0, dropped: 0 };
  readonly #options: WebhookOptions;
  readonly #ended = new AbortController();
  readonly #waiting: Waiting[] = [];
  #next: number;
  /** Events that the receiver has missed and has not been told of. */
  #missed = 0;
  #attempts = 0;
  #isSending = false;
  #isFailing = false;
  #stopPause: (() => void) | undefined;
  readonly #stopReading: () => void;

  constructor(options: WebhookOptions) {
    this.#options = options;
    this.#next = options.log.next;
    this.#stopReading = options.log.read({ wants: options.wants, published: () => this.#take() });
  }

  /** Events that wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Ends what is being sent, and drops what waits. */
  close(): void {
    this.#ended.abort();
    this.#stopPause?.();
    this.#stopReading();
    this.#waiting.length = 0;
  }

  #take(): void {
    const { log, wants } = this.#options;
    for (;;) {
      const { events, missed } = log.from(this.#next, EVENTS_A_TURN);
      this.#next += missed + events.length;
      for (const { id, type, json } of events) if (wants(type)) this.#waiting.push({ id, json });
      if (events.length < EVENTS_A_TURN) break;
    }
    // The first one is being sent.
    const over = this.#waiting.length - MOST_WAITING;
    if (over > 0)
      this.#drop(this.#waiting.splice(this.#isSending || this.#attempts > 0 ? 1 : 0, over).length);
    this.#send();
  }

  #drop(events: number): void {
    this.#missed += events;
    this.counts.dropped += events;
  }

  #send(): void {
    if (this.#isSending || this.#stopPause || this.#ended.signal.aborted) return;
    const first = this.#waiting[0];
    if (!first) return;
    if (this.#missed > 0 && this.#attempts === 0) {
      // In the place of those that it stands for.
      const { id } = first;
      const json = JSON.stringify({ id, type: 'missed', reason: 'too_slow', count: this.#missed });
      this.#waiting.unshift({ id: `${id}-missed`, json });
      this.#missed = 0;
    }
    void this.#attempt(this.#waiting[0]!);
  }

  async #attempt({ id, json }: Waiting): Promise<void> {
    this.#isSending = true;
    this.#attempts++;
    const answer = await this.#options.send(id, json, this.#ended.signal);
    this.#isSending = false;
    if (this.#ended.signal.aborted) return;
    const next = nextAttempt({ ...answer, attempts: this.#attempts }, this.#options.random());
    if (next.kind === 'delivered') {
      this.counts.delivered++;
      if (this.#isFailing) this.#options.recovered();
      this.#isFailing = false;
    } else {
      this.counts.failed++;
      if (!this.#isFailing) this.#options.failing(answer);
      this.#isFailing = true;
    }
    if (next.kind === 'again') {
      this.#stopPause = this.#options.after(next.afterMs, () => {
        this.#stopPause = undefined;
        this.#send();
      });
      return;
    }
    this.#attempts = 0;
    this.#waiting.shift();
    if (next.kind === 'given up') this.#drop(1);
    this.#send();
  }
}
