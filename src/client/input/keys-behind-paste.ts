import type { ClipboardContent } from '../../protocol/clipboard-content.ts';
import type { InputSink } from './input-sink.ts';

/**
 * Longest time in ms for which keys wait for a picture that is pasted. The browser reads it in some milliseconds. A
 * shorter wait pastes the old content on a busy machine, a longer one holds keys back where the browser never answers.
 */
const WAIT_MS = 2000;

/** Keys that wait at most. A larger number takes memory, a smaller one ends the wait of someone who types fast. */
const MOST_WAITING = 500;

type KeySink = Pick<InputSink, 'key' | 'clipboard'>;

/** Holds keys back while a pasted picture is read, so that the desktop has it before the key that pastes it. */
export class KeysBehindPaste implements KeySink {
  readonly #sink: KeySink;
  /** Undefined while nothing is read. */
  #waiting: Parameters<InputSink['key']>[] | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(sink: KeySink) {
    this.#sink = sink;
  }

  key(...key: Parameters<InputSink['key']>): void {
    if (this.#waiting === undefined) {
      this.#sink.key(...key);
      return;
    }
    this.#waiting.push(key);
    if (this.#waiting.length >= MOST_WAITING) this.#goOn();
  }

  clipboard(content: ClipboardContent): void {
    this.#sink.clipboard(content);
  }

  /** Sends a content once it has been read, and the keys that are pressed from now on behind it. */
  clipboardOf(reading: Promise<ClipboardContent>): void {
    this.#goOn();
    const waiting: Parameters<InputSink['key']>[] = [];
    this.#waiting = waiting;
    this.#timer = setTimeout(() => this.#goOn(), WAIT_MS);
    void reading.then((content) => {
      // The keys are gone already if this took too long. The content is for the next paste then.
      if (content.size > 0) this.clipboard(content);
      if (this.#waiting === waiting) this.#goOn();
    });
  }

  #goOn(): void {
    clearTimeout(this.#timer);
    const keys = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const key of keys) this.#sink.key(...key);
  }
}
