import { type After, afterReal } from '../../common/after.ts';
import { ByteWriter } from '../../protocol/byte-writer.ts';
import * as wire from '../../protocol/constants.ts';
import * as say from '../../protocol/server-messages.ts';
import { afterPatience, patienceMs } from './fence-patience.ts';
import type { ViewerFlow } from './flow.ts';

/** Flags that are returned in an answer. The server handles messages in order, so both block flags always hold. */
const ANSWERED = wire.FENCE_BLOCK_BEFORE | wire.FENCE_BLOCK_AFTER;

/** Payload of the server's fences: "DW", by which it knows the answers to them, and a u16 number. */
const OURS: readonly number[] = [0x44, 0x57];
const PAYLOAD_BYTES = 4;
const NUMBERS = 1 << 16;

export interface FencesOptions {
  readonly flow: ViewerFlow;
  /** Bytes that the socket has not taken yet. */
  bufferedBytes(): number;
  send(message: Uint8Array): void;
  /** The link may have room for an update. */
  wake(): void;
  /** Time since the last bytes of the viewer arrived, in milliseconds. By default they have just arrived. */
  arrivedAgoMs?(): number;
  /** The real clock by default. */
  readonly now?: () => number;
  readonly after?: After;
}

/**
 * Fences of one viewer (rfbproto, "Fence"). The answers to the server's fences tell which updates have arrived. An
 * answer acknowledges all earlier fences, too. A viewer that does not answer is reminded; after a while it is sent
 * updates as if it had answered, so that no lost answer holds it up for ever (`fence-patience.ts`).
 */
export class Fences {
  readonly #options: FencesOptions;
  readonly #now: () => number;
  readonly #after: After;
  /** Fences sent so far, and how many of them need no answer any more. */
  #asked = 0;
  #settled = 0;
  #reminders = 0;
  /** Whether the viewer has ever answered a fence. */
  #answers = false;
  #cancelPatience: (() => void) | undefined;
  /** Ends when the link should have room without any answer. */
  #cancelRoom: (() => void) | undefined;
  #isClosed = false;

  constructor(options: FencesOptions) {
    this.#options = options;
    this.#now = options.now ?? ((): number => performance.now());
    this.#after = options.after ?? afterReal;
  }

  /** Takes a fence from the viewer, or an answer to one. */
  received(flags: number, payload: Uint8Array): void {
    if (flags & wire.FENCE_REQUEST) this.#options.send(say.fence(flags & ANSWERED, payload));
    else this.#answered(payload);
  }

  /** Sends a fence with no update before it. */
  probe(): void {
    const now = this.#now();
    this.#ask();
    this.#options.flow.congestion.sent(now, now, 0);
  }

  updateBegins(nowMs: number): void {
    const { flow } = this.#options;
    if (flow.fences && flow.congestion.wantsProbe(nowMs)) this.probe();
  }

  /** The socket has been passed all of an update. */
  updateEnds(startedAtMs: number, nowMs: number, bytes: number): void {
    if (this.#options.flow.updateEnds(startedAtMs, nowMs, bytes)) this.#ask();
    this.wakeWhenRoom(nowMs);
  }

  /** The socket has been passed a portion of a long message. */
  portionSent(nowMs: number, bytes: number): void {
    const { flow } = this.#options;
    if (!flow.fences) return;
    this.#ask();
    flow.congestion.sent(nowMs, nowMs, bytes);
    this.wakeWhenRoom(nowMs);
  }

  /** Wakes the frame loop when the viewer should be ready without any answer. */
  wakeWhenRoom(nowMs: number): void {
    const { flow, wake } = this.#options;
    this.#cancelRoom?.();
    this.#cancelRoom = undefined;
    const atMs = flow.roomAtMs(nowMs);
    // A timer may fire up to a millisecond early.
    if (atMs !== undefined && atMs > nowMs && !this.#isClosed)
      this.#cancelRoom = this.#after(Math.ceil(atMs - nowMs) + 1, wake);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelPatience?.();
    this.#cancelRoom?.();
  }

  #answered(payload: Uint8Array): void {
    const { flow } = this.#options;
    if (payload.length !== PAYLOAD_BYTES || !OURS.every((byte, i) => payload[i] === byte)) return;
    const count = (payload[2]! * 256 + payload[3]! - this.#settled + NUMBERS) % NUMBERS;
    // Not an answer to a reminder whose fence was answered, too.
    if (count === 0 || count > this.#asked - this.#settled) return;
    const now = this.#now();
    flow.congestion.forget(count - 1);
    flow.congestion.acknowledged(now);
    this.#settled += count;
    this.#answers = true;
    flow.answered(now - (this.#options.arrivedAgoMs?.() ?? 0), now);
    this.#bePatient();
    this.#hasRoom(now);
  }

  #ask(): void {
    this.#asked++;
    this.#sendNewest();
    if (!this.#cancelPatience) this.#bePatient();
  }

  #sendNewest(): void {
    const payload = new ByteWriter(PAYLOAD_BYTES)
      .bytes(Uint8Array.from(OURS))
      .u16(this.#asked % NUMBERS)
      .done();
    this.#options.send(say.fence(wire.FENCE_REQUEST | wire.FENCE_BLOCK_BEFORE, payload));
  }

  /** Waits for an answer, if a fence has none. */
  #bePatient(reminders = 0): void {
    this.#cancelPatience?.();
    this.#reminders = reminders;
    const waits = this.#asked > this.#settled && !this.#isClosed;
    this.#cancelPatience = waits
      ? this.#after(patienceMs(this.#reminders), () => this.#patienceEnds())
      : undefined;
  }

  #patienceEnds(): void {
    // The fence may still be on its way to the socket: the viewer is not the reason.
    if (this.#options.bufferedBytes() > 0) {
      this.#bePatient(this.#reminders);
    } else if (afterPatience(this.#reminders) === 'remind') {
      this.#sendNewest();
      this.#bePatient(this.#reminders + 1);
    } else {
      this.#giveUp();
    }
  }

  /** Treats all fences as settled. A viewer that has never answered one gets no more. */
  #giveUp(): void {
    const { flow } = this.#options;
    this.#cancelPatience = undefined;
    flow.congestion.forget(this.#asked - this.#settled);
    this.#settled = this.#asked;
    if (this.#answers) flow.isUnanswered = true;
    else flow.fences = false;
    this.#hasRoom(this.#now());
  }

  #hasRoom(nowMs: number): void {
    this.#options.wake();
    this.wakeWhenRoom(nowMs);
  }
}
