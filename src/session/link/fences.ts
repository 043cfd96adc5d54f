import * as wire from '../../protocol/constants.ts';
import * as say from '../../protocol/server-messages.ts';
import type { ViewerFlow } from './flow.ts';

/** Bits of a fence that are answered here: all is done in order, so both block bits hold by themselves. */
const ANSWERED = wire.FENCE_BLOCK_BEFORE | wire.FENCE_BLOCK_AFTER;

/** Our own fences come back with this payload; a viewer's answer to anything else is not ours. */
const OURS = Uint8Array.of(0x44, 0x57);

export interface FencesOptions {
  readonly flow: ViewerFlow;
  send(message: Uint8Array): void;
  /** The link may have room for an update now. */
  wake(): void;
}

/** Fences with one viewer (rfbproto, "Fence"): its own are answered, ours say what of the updates has reached it. */
export class Fences {
  readonly #options: FencesOptions;
  /** For room on the link that comes by time alone. */
  #roomTimer: NodeJS.Timeout | undefined;

  constructor(options: FencesOptions) {
    this.#options = options;
  }

  /** The viewer sent a fence, or an answer to one. */
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

  /** A fence with nothing before it. */
  probe(): void {
    const now = performance.now();
    this.#ask();
    this.#options.flow.congestion.sent(now, now, 0);
  }

  updateBegins(nowMs: number): void {
    const { flow } = this.#options;
    if (flow.fences && flow.congestion.wantsProbe(nowMs)) this.probe();
  }

  /** All of an update was handed to the socket. */
  updateEnds(startedAtMs: number, nowMs: number, bytes: number): void {
    if (this.#options.flow.updateEnds(startedAtMs, nowMs, bytes)) this.#ask();
    this.wakeWhenRoom(nowMs);
  }

  /** Has the frame loop look again once the link has room, where no answer need come for that. */
  wakeWhenRoom(nowMs: number): void {
    const { flow, wake } = this.#options;
    clearTimeout(this.#roomTimer);
    const atMs = flow.roomAtMs(nowMs);
    if (atMs !== undefined && atMs > nowMs) this.#roomTimer = setTimeout(wake, Math.ceil(atMs - nowMs));
  }

  close(): void {
    clearTimeout(this.#roomTimer);
  }

  #ask(): void {
    this.#options.send(say.fence(wire.FENCE_REQUEST | wire.FENCE_BLOCK_BEFORE, OURS));
  }
}
