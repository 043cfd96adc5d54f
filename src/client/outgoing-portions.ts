import { PORTION_HEADER_BYTES, PORTION_IS_FIRST, PORTION_IS_LAST } from '../protocol/constants.ts';
import { portionHeader } from '../protocol/server-messages.ts';
import { UploadWindow } from './upload-window.ts';

/** Bytes of a message that leaves in portions. A smaller one holds up a slow link for no longer than they do. */
export const LONG_BYTES = 8 * 1024;

export interface OutgoingOptions {
  readonly send: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Asks the server for an answer behind what was sent. `answered` has to be called with it. */
  readonly ask: () => void;
  /** The message has been sent whole. */
  readonly sent: () => void;
  readonly nowMs: () => number;
}

/**
 * A long message on its way to the server, a clipboard, in portions (docs/protocol.md): what the page says meanwhile,
 * such as its answers to fences, leaves between two of them.
 */
export class OutgoingPortions {
  readonly #options: OutgoingOptions;
  readonly #window = new UploadWindow();
  /** Portions that the server has not answered, oldest first. */
  readonly #underWay: { readonly bytes: number; readonly sentAtMs: number }[] = [];
  #underWayBytes = 0;
  #message: Uint8Array | undefined;
  #sentBytes = 0;

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  /** Whether a part of a message is still to be sent. What depends on it has to wait for `sent`. */
  get isBusy(): boolean {
    return this.#message !== undefined;
  }

  /** Sends a message, instead of one that has not been sent whole. The server drops what it has of that. */
  begin(message: Uint8Array): void {
    this.#message = message;
    this.#sentBytes = 0;
    this.#serve();
  }

  /** Sends the rest at once, however much is under way: too much waits behind it. */
  finish(): void {
    this.#serve(Number.POSITIVE_INFINITY);
  }

  /** The server has answered the oldest question. */
  answered(): void {
    const portion = this.#underWay.shift();
    if (!portion) return;
    this.#underWayBytes -= portion.bytes;
    this.#window.answered(portion.bytes, portion.sentAtMs, this.#options.nowMs());
    this.#serve();
  }

  #serve(mostUnderWay?: number): void {
    const message = this.#message;
    if (!message) return;
    while (this.#sentBytes < message.length) {
      const bytes = Math.min(this.#window.portionBytes, message.length - this.#sentBytes);
      const most = mostUnderWay ?? this.#window.bytes;
      if (this.#underWayBytes > 0 && this.#underWayBytes + bytes > most) return;
      this.#sendPortion(message.subarray(this.#sentBytes, this.#sentBytes + bytes), message.length);
    }
    this.#message = undefined;
    this.#options.sent();
  }

  #sendPortion(part: Uint8Array, messageBytes: number): void {
    const { send, ask, nowMs } = this.#options;
    const isFirst = this.#sentBytes === 0;
    this.#sentBytes += part.length;
    const isLast = this.#sentBytes === messageBytes;
    const bytes = new Uint8Array(PORTION_HEADER_BYTES + part.length);
    const flags = (isFirst ? PORTION_IS_FIRST : 0) | (isLast ? PORTION_IS_LAST : 0);
    bytes.set(portionHeader(flags, part.length));
    bytes.set(part, PORTION_HEADER_BYTES);
    send(bytes);
    this.#underWay.push({ bytes: bytes.length, sentAtMs: nowMs() });
    this.#underWayBytes += bytes.length;
    ask();
  }
}
