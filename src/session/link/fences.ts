import * as wire from '../../protocol/constants.ts';
import * as say from '../../protocol/server-messages.ts';
import type { ViewerFlow } from './flow.ts';

/** Flags that are returned in an answer. The server handles messages in order, so both block flags always hold. */
const ANSWERED = wire.FENCE_BLOCK_BEFORE | wire.FENCE_BLOCK_AFTER;

/** Payload of the server's fences, by which it knows the answers to them. */
const OURS = Uint8Array.of(0x44, 0x57);

export interface FencesOptions {
  readonly flow: ViewerFlow;
  send(message: Uint8Array): void;
  /** The link may have room for an update. */
  wake(): void;
}

/** Fences of one viewer (rfbproto, "Fence"). The answers to the server's fences tell which updates have arrived. */
export class Fences {
  readonly #options: FencesOptions;
  /** Runs until the link should have room without any answer. */
  #roomTimer: NodeJS.Timeout | undefined;

  constructor(options: FencesOptions) {
    this.#options = options;
  }

  /** Takes a fence from the viewer, or an answer to one. */
  received(flags: number, payload: Uint8Array): void {
    const { flow, send, wake } = this.#options;
    if (flags & wire.FENCE_REQUEST) {
      send(say.fence(flags & ANSWERED, payload));
    } else if (payload.length === OURS.length && payload.every((byte, i) => byte === OURS[i])) {
      const now = performance.now();
      flow.congestion.acknowledged(now);
      wake();
      this.wakeWhenRoom(now);
    }
  }

  /** Sends a fence with no update before it. */
  probe(): void {
    const now = performance.now();
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

  /** Wakes the frame loop when the link should have room without any answer. */
  wakeWhenRoom(nowMs: number): void {
    const { flow, wake } = this.#options;
    clearTimeout(this.#roomTimer);
    const atMs = flow.roomAtMs(nowMs);
    // A timer may fire up to a millisecond early.
    if (atMs !== undefined && atMs > nowMs) this.#roomTimer = setTimeout(wake, Math.ceil(atMs - nowMs) + 1);
  }

  close(): void {
    clearTimeout(this.#roomTimer);
  }

  #ask(): void {
    this.#options.send(say.fence(wire.FENCE_REQUEST | wire.FENCE_BLOCK_BEFORE, OURS));
  }
}
