import { type After, afterReal } from '../../common/after.ts';
import { PORTION_HEADER_BYTES, PORTION_IS_FIRST, PORTION_IS_LAST } from '../../protocol/constants.ts';
import { portionHeader } from '../../protocol/server-messages.ts';

/**
 * Time that one portion takes a link whose rate is known, in milliseconds. A frame waits for one portion at most. A
 * larger value delays frames more; with a smaller one, a link that frames fill carries a clipboard more slowly: it gets
 * one portion after each frame.
 */
const PORTION_MS = 10;

/**
 * Bytes of a portion at most, and on a link that has not been the limit yet: enough to find out that it is (`LinkRate`),
 * and 5 ms at 80 Mbit/s. A larger value holds up a frame on a slow link that is not known yet; a smaller one costs more
 * turns and fences.
 */
const MOST_PORTION_BYTES = 48 * 1024;

/** Bytes of a portion at least: on a link that would take longer than PORTION_MS for them, headers would count. */
const LEAST_PORTION_BYTES = 2 * 1024;

/**
 * Milliseconds for which a portion waits for an update that is about to leave. None comes while no picture can be captured.
 * A larger value delays a clipboard then; a smaller one sends portions before frames on a busy machine.
 */
const FRAME_WAIT_MS = 100;

/** What decides when the next portion leaves, and how long it is. */
export interface PortionFacts {
  /** Whether an update is being sent. No other message may stand between its rects. */
  readonly isInUpdate: boolean;
  /** Bytes in the socket. */
  readonly bufferedBytes: number;
  /** Whether an update was sent since the last portion. */
  readonly followsUpdate: boolean;
  /** Whether the link has room for more, as far as fences tell. */
  readonly hasRoom: boolean;
  /** Whether an update is about to leave, for which there is room. */
  readonly frameWaits: boolean;
  /** Bytes that the link carries in a millisecond; undefined until it has been the limit. */
  readonly limitingRate: number | undefined;
}

/**
 * Bytes of the next portion of a long message; 0 if it has to wait. Frames go first. While they fill the link, a portion
 * follows each of them, so that the message arrives some time. Otherwise it has what frames leave.
 */
export function nextPortionBytes(facts: PortionFacts): number {
  const { isInUpdate, bufferedBytes, followsUpdate, hasRoom, frameWaits, limitingRate } = facts;
  if (isInUpdate || bufferedBytes > 0 || !(followsUpdate || (hasRoom && !frameWaits))) return 0;
  const fitting = limitingRate === undefined ? MOST_PORTION_BYTES : Math.round(limitingRate * PORTION_MS);
  return Math.min(MOST_PORTION_BYTES, Math.max(LEAST_PORTION_BYTES, fitting));
}

/** The link of one viewer, for long messages. */
export interface PortionLink {
  /** Whether the viewer takes long messages in portions. */
  takesPortions(): boolean;
  /** Whether the link has room for more, as far as fences tell. */
  hasRoom(): boolean;
  /** Whether an update is about to leave, for which there is room. */
  frameWaits(): boolean;
  /** Bytes that the link carries in a millisecond; undefined until it has been the limit. */
  limitingRate(): number | undefined;
  /** So many bytes were passed to the socket. */
  sent(bytes: number): void;
}

interface LongMessage<Kind> {
  readonly kind: Kind;
  /** Returns the same bytes for as long as they are worth sending. */
  make(): Uint8Array | undefined;
  readonly bytes: Uint8Array;
  /** Called once: the message was sent, or is not worth it any more. */
  over(): void;
}

/**
 * A long message on its way to one viewer in portions, between updates. Sends a portion whenever `serve` finds that one
 * may leave.
 */
export class Portions<Kind> {
  readonly #link: PortionLink;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #serveAgain: () => void;
  readonly #after: After;
  #message: LongMessage<Kind> | undefined;
  #sentBytes = 0;
  #followsUpdate = false;
  /** Ends the wait for an update that is about to leave. */
  #cancelWait: (() => void) | undefined;
  #hasWaited = false;

  /** Calls `serveAgain` when `serve` may find that a portion may leave, although nothing else has happened. */
  constructor(
    link: PortionLink,
    send: (bytes: Uint8Array) => void,
    serveAgain: () => void,
    after: After = afterReal,
  ) {
    this.#link = link;
    this.#send = send;
    this.#serveAgain = serveAgain;
    this.#after = after;
  }

  get areTaken(): boolean {
    return this.#link.takesPortions();
  }

  /** Bytes that are still to be sent. */
  get waitingBytes(): number {
    return this.#message ? this.#message.bytes.length - this.#sentBytes : 0;
  }

  /** Whether a message of this kind has to wait for another one. It replaces one of its own kind. */
  mustWait(kind: Kind): boolean {
    return this.#message !== undefined && this.#message.kind !== kind && this.#isWanted(this.#message);
  }

  /** Begins a message, instead of the one that is on its way. The viewer drops what it has of that. */
  begin(message: LongMessage<Kind>): void {
    const replaced = this.#message;
    this.#message = message;
    this.#sentBytes = 0;
    replaced?.over();
  }

  /** An update was sent. */
  updateEnded(): void {
    this.#followsUpdate = true;
    this.#endWait();
  }

  /** Sends the next portion if it may leave now. Returns whether the message is over. */
  serve(now: Pick<PortionFacts, 'isInUpdate' | 'bufferedBytes'>): boolean {
    const message = this.#message;
    if (!message) return false;
    const frameWaits = !this.#hasWaited && this.#link.frameWaits();
    if (frameWaits) this.#waitForFrame();
    const mostBytes = nextPortionBytes({
      ...now,
      followsUpdate: this.#followsUpdate,
      hasRoom: this.#link.hasRoom(),
      frameWaits,
      limitingRate: this.#link.limitingRate(),
    });
    if (mostBytes === 0) return false;
    this.#followsUpdate = false;
    this.#endWait();
    const isWanted = this.#isWanted(message);
    if (!isWanted && this.#sentBytes === 0) {
      this.close();
      return true;
    }
    // An empty message tells the viewer to drop what it has.
    const bytes = isWanted ? message.bytes.subarray(this.#sentBytes, this.#sentBytes + mostBytes) : NOTHING;
    const isFirst = this.#sentBytes === 0 || !isWanted;
    const isLast = !isWanted || this.#sentBytes + bytes.length === message.bytes.length;
    this.#sentBytes += bytes.length;
    if (isLast) this.#message = undefined;
    this.#send(
      portionHeader((isFirst ? PORTION_IS_FIRST : 0) | (isLast ? PORTION_IS_LAST : 0), bytes.length),
    );
    this.#send(bytes);
    this.#link.sent(PORTION_HEADER_BYTES + bytes.length);
    if (isLast) message.over();
    return isLast;
  }

  /** Sends nothing more. */
  close(): void {
    this.#endWait();
    const message = this.#message;
    this.#message = undefined;
    message?.over();
  }

  #waitForFrame(): void {
    this.#cancelWait ??= this.#after(FRAME_WAIT_MS, () => {
      this.#cancelWait = undefined;
      this.#hasWaited = true;
      this.#serveAgain();
    });
  }

  #endWait(): void {
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    this.#hasWaited = false;
  }

  #isWanted({ make, bytes }: LongMessage<Kind>): boolean {
    return make() === bytes;
  }
}

const NOTHING = new Uint8Array(0);
