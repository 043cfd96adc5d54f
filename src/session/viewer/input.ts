import { TokenBucket } from '../../common/token-bucket.ts';
import type { DesktopInput } from '../../desktop/desktop.ts';
import type { ClientMessage } from '../../protocol/client-messages.ts';
import { evdevFromXt } from '../../protocol/xt-scancodes.ts';
import { COST, KEY_RATE, MAX_KEYS_DOWN, MAX_STEPS_PER_MESSAGE, POINTER_RATE } from './input-budget.ts';

type Message<Type extends ClientMessage['type']> = Extract<ClientMessage, { type: Type }>;

/** Bits of RFB's pointer mask that are buttons: bit n is X button n + 1, up to 9 (forward). */
const BUTTONS = 9;

/** X buttons of a wheel step. */
const WHEEL_UP = 4;
const WHEEL_DOWN = 5;
const WHEEL_LEFT = 6;
const WHEEL_RIGHT = 7;

/** Wheel distance that is one step; KasmVNC's unit. Positive is down and right. */
const SCROLL_STEP = 120;

/** The largest distance of one relative motion, in pixels: what X's wire format can carry. */
const MAX_NUDGE_PX = 32_767;

/** A motion that waits for the budget. */
type Motion =
  | { readonly kind: 'to'; readonly x: number; readonly y: number }
  | { readonly kind: 'by'; readonly dx: number; readonly dy: number };

/** Time as ViewerInput needs it. */
export interface InputClock {
  /** Milliseconds of a clock that never goes back. */
  nowMs(): number;
  /** Calls `action` after a time, unless the returned function is called before. */
  after(ms: number, action: () => void): () => void;
}

const REAL_CLOCK: InputClock = {
  nowMs: () => performance.now(),
  after: (ms, action) => {
    const timeout = setTimeout(action, ms).unref();
    return () => clearTimeout(timeout);
  },
};

/**
 * Translates one viewer's input messages into input of the desktop, within a budget of X events. Over the budget,
 * pointer moves are merged and sent when the budget allows, wheel steps and presses are dropped. A button that is
 * still down in the next message is pressed then.
 */
export class ViewerInput {
  readonly #input: DesktopInput;
  readonly #clock: InputClock;
  readonly #pointerBudget: TokenBucket;
  readonly #keyBudget: TokenBucket;
  /** The presses of the keys that are down. */
  readonly #keys = new Map<string, Message<'key'>>();
  /** Buttons that are down, as in RFB's mask. */
  #buttonMask = 0;
  /** Wheel distances of less than a step. */
  #scrollX = 0;
  #scrollY = 0;
  #motion: Motion | undefined;
  #cancelMotion: (() => void) | undefined;

  /** Takes over `input`, and closes it. */
  constructor(input: DesktopInput, clock: InputClock = REAL_CLOCK) {
    this.#input = input;
    this.#clock = clock;
    this.#pointerBudget = new TokenBucket(POINTER_RATE, clock.nowMs());
    this.#keyBudget = new TokenBucket(KEY_RATE, clock.nowMs());
  }

  key(message: Message<'key'>): void {
    // The release of a key may name another keysym, if Shift was released first. Its scancode is the same.
    const id = message.keycode ? `code ${message.keycode}` : `sym ${message.keysym}`;
    const held = this.#keys.get(id);
    if (!message.down) {
      if (!held) return;
      this.#keys.delete(id);
      this.#send(held, false);
      return;
    }
    if (!held && this.#keys.size >= MAX_KEYS_DOWN) return;
    if (!this.#keyBudget.take(COST.key, this.#clock.nowMs())) return;
    if (held && held.keysym !== message.keysym) this.#send(held, false);
    this.#keys.set(id, message);
    this.#send(message, true);
  }

  pointer(message: Message<'pointer'>): void {
    this.#move({ kind: 'to', x: message.x, y: message.y });
    this.#buttons(message.buttonMask);
    this.#scroll(message.scrollX, message.scrollY);
  }

  relativeMouse(message: Message<'relativeMouse'>): void {
    this.#move({ kind: 'by', dx: message.dx, dy: message.dy });
    this.#buttons(message.buttonMask);
    this.#scroll(message.scrollX, message.scrollY);
  }

  /** Drops the viewer's input that waits, and releases everything that the viewer holds down. */
  revoke(): void {
    this.#forget();
    this.#input.releaseAll();
  }

  /** Does the same as `revoke`, for good. */
  close(): void {
    this.#forget();
    this.#input.close();
  }

  #forget(): void {
    this.#dropMotion();
    this.#keys.clear();
    this.#buttonMask = 0;
  }

  #send({ keysym, keycode }: Message<'key'>, down: boolean): void {
    this.#input.key(keysym, down, evdevFromXt(keycode));
  }

  #move(motion: Motion): void {
    this.#motion = this.#motion ? merged(this.#motion, motion) : motion;
    const nowMs = this.#clock.nowMs();
    if (this.#pointerBudget.take(COST.move, nowMs)) this.#sendMotion();
    else
      this.#cancelMotion ??= this.#clock.after(this.#pointerBudget.waitMs(COST.move, nowMs), () =>
        this.#retryMotion(),
      );
  }

  #retryMotion(): void {
    this.#cancelMotion = undefined;
    const motion = this.#motion;
    this.#motion = undefined;
    if (motion) this.#move(motion);
  }

  /** Sends the motion that waits, if there is one. */
  #sendMotion(): void {
    const motion = this.#motion;
    this.#dropMotion();
    if (motion?.kind === 'to') this.#input.movePointer(motion.x, motion.y);
    else if (motion) this.#input.nudgePointer(motion.dx, motion.dy);
  }

  #dropMotion(): void {
    this.#motion = undefined;
    this.#cancelMotion?.();
    this.#cancelMotion = undefined;
  }

  #buttons(mask: number): void {
    const changed = this.#buttonMask ^ mask;
    for (let bit = 0; bit < BUTTONS; bit++) {
      if (!(changed & (1 << bit))) continue;
      const down = (mask & (1 << bit)) !== 0;
      if (down && !this.#pointerBudget.take(COST.button, this.#clock.nowMs())) continue;
      // A click is where the pointer was last.
      this.#sendMotion();
      this.#input.button(bit + 1, down);
      this.#buttonMask ^= 1 << bit;
    }
  }

  #scroll(dx: number, dy: number): void {
    this.#scrollX = this.#wheel(this.#scrollX + dx, WHEEL_LEFT, WHEEL_RIGHT);
    this.#scrollY = this.#wheel(this.#scrollY + dy, WHEEL_UP, WHEEL_DOWN);
  }

  /** Clicks for whole steps and returns the rest of the distance, which is less than a step. */
  #wheel(distance: number, negative: number, positive: number): number {
    const steps = Math.trunc(distance / SCROLL_STEP);
    const button = steps < 0 ? negative : positive;
    for (let i = Math.min(Math.abs(steps), MAX_STEPS_PER_MESSAGE); i > 0; i--) {
      if (!this.#pointerBudget.take(COST.wheelStep, this.#clock.nowMs())) break;
      this.#sendMotion();
      this.#input.button(button, true);
      this.#input.button(button, false);
    }
    return distance - steps * SCROLL_STEP;
  }
}

/** One motion with the effect of two. */
function merged(first: Motion, second: Motion): Motion {
  if (second.kind === 'to') return second;
  const { dx, dy } = second;
  if (first.kind === 'to') return { kind: 'to', x: first.x + dx, y: first.y + dy };
  return { kind: 'by', dx: clampNudge(first.dx + dx), dy: clampNudge(first.dy + dy) };
}

const clampNudge = (distance: number): number => Math.max(-MAX_NUDGE_PX, Math.min(MAX_NUDGE_PX, distance));
