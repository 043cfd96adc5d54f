import { TokenBucket } from '../../common/token-bucket.ts';
import type { DlpRules } from '../../config/dlp/dlp-settings.ts';
import type { DesktopInput } from '../../desktop/desktop.ts';
import type { Size } from '../../pixels/rect.ts';
import { contains, visibleRect } from '../../pixels/visible-region.ts';
import type { ClientMessage } from '../../protocol/client-messages.ts';
import { evdevFromXt } from '../../protocol/xt-scancodes.ts';
import { gateButtons } from '../dlp/button-gate.ts';
import {
  COST,
  KEY_RATE,
  MAX_KEYS_DOWN,
  MAX_STEPS_PER_MESSAGE,
  MOVE_RESERVE,
  POINTER_RATE,
} from './input-budget.ts';
import { SurrogateKeys } from './surrogate-keys.ts';

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

/** Keysyms of Unicode characters are the code point plus this. Those of Latin-1 are the code point. */
const UNICODE_BASE = 0x0100_0000;
const LATIN1_LAST = 0xff;

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

type InputMessage = Message<'key'> | Message<'pointer'> | Message<'relativeMouse'>;

/** What limits a viewer's input besides its budget. */
export interface InputLimits {
  readonly rules: Pick<DlpRules, 'visibleRegion' | 'allowsPress' | 'allowsRelease' | 'keyboard'>;
  /** Presses of keys, shared by all connections of the user. Undefined if there is no limit. */
  readonly presses: TokenBucket | undefined;
  /** Size of the desktop. */
  screen(): Size;
  /** A part of a message was refused. Called for each, so that it has to be quick. */
  refused(message: InputMessage['type'], code: InputRefusal): void;
}

export type InputRefusal = 'AUDIT_KEYBOARD_OFF' | 'AUDIT_KEY_RATE' | 'AUDIT_CONCEALED';

/**
 * Translates one viewer's input messages into input of the desktop, within a budget of X events. Over the budget,
 * pointer moves are merged and sent when the budget allows, wheel steps and presses of buttons are dropped. A button that
 * is still down in the next message is pressed then. The caller waits for `whenTaking` before it passes a message on;
 * presses of keys of one that does not are dropped.
 */
export class ViewerInput {
  readonly #input: DesktopInput;
  readonly #clock: InputClock;
  readonly #pointerBudget: TokenBucket;
  readonly #keyBudget: TokenBucket;
  readonly #limits: InputLimits | undefined;
  /** The presses of the keys that are down, the least recent first. */
  readonly #keys = new Map<string, Message<'key'>>();
  readonly #surrogates = new SurrogateKeys();
  /** Buttons that are down, as in RFB's mask. */
  #buttonMask = 0;
  /** Buttons that were refused in the concealed region, and that the viewer still holds down. */
  #refusedMask = 0;
  /** Where the viewer last put the pointer, if a part of the screen is concealed. */
  #place: { readonly x: number; readonly y: number } | undefined;
  /** Wheel distances of less than a step. */
  #scrollX = 0;
  #scrollY = 0;
  #motion: Motion | undefined;
  #cancelMotion: (() => void) | undefined;

  /** Takes over `input`, and closes it. */
  constructor(input: DesktopInput, clock: InputClock = REAL_CLOCK, limits?: InputLimits) {
    this.#input = input;
    this.#limits = limits;
    this.#clock = clock;
    this.#pointerBudget = new TokenBucket(POINTER_RATE, clock.nowMs());
    this.#keyBudget = new TokenBucket(KEY_RATE, clock.nowMs());
  }

  /**
   * Undefined if the presses of a message are taken now. Otherwise resolves when the caller should ask again; until then
   * the viewer's messages wait.
   */
  whenTaking(message: ClientMessage): Promise<void> | undefined {
    if (!this.#presses(message)) return undefined;
    const desktop = this.#input.whenTaking();
    if (desktop || message.type !== 'key') return desktop;
    const waitMs = this.#keyBudget.waitMs(COST.key, this.#clock.nowMs());
    if (waitMs <= 0) return undefined;
    return new Promise((resolve) => this.#clock.after(waitMs, resolve));
  }

  key(received: Message<'key'>): void {
    const message = this.#surrogates.join(received);
    if (!message) return;
    if (!message.down) {
      this.#release(this.#idOfRelease(message));
      return;
    }
    const refusal = this.#refusalOfPress();
    if (refusal) {
      this.#limits?.refused('key', refusal);
      return;
    }
    if (!this.#keyBudget.take(COST.key, this.#clock.nowMs())) return;
    const id = keyId(message);
    const held = this.#keys.get(id);
    if (held && held.keysym !== message.keysym) this.#send(held, false);
    this.#keys.delete(id);
    if (this.#keys.size >= MAX_KEYS_DOWN) this.#releaseOldest();
    this.#keys.set(id, message);
    this.#send(message, true);
  }

  pointer(message: Message<'pointer'>): void {
    const { x, y } = message;
    this.#move({ kind: 'to', x, y });
    this.#press(message, { x, y });
  }

  relativeMouse(message: Message<'relativeMouse'>): void {
    const { dx, dy } = message;
    const place = this.#placeAfter(dx, dy);
    // Where a part is concealed, the place of each click must be known: other writers move the pointer, too.
    this.#move(place ? { kind: 'to', ...place } : { kind: 'by', dx, dy });
    this.#press(message, place);
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
    this.#refusedMask = 0;
  }

  /** Whether a message asks for presses. */
  #presses(message: ClientMessage): boolean {
    switch (message.type) {
      case 'key':
        return message.down && this.#limits?.rules.keyboard.isEnabled !== false;
      case 'pointer':
      case 'relativeMouse':
        return (
          (message.buttonMask & ~this.#buttonMask) !== 0 || message.scrollX !== 0 || message.scrollY !== 0
        );
      default:
        return false;
    }
  }

  #refusalOfPress(): InputRefusal | undefined {
    if (!this.#limits) return undefined;
    const { rules, presses } = this.#limits;
    if (!rules.keyboard.isEnabled) return 'AUDIT_KEYBOARD_OFF';
    return presses?.take(1, this.#clock.nowMs()) === false ? 'AUDIT_KEY_RATE' : undefined;
  }

  /** Place of the pointer after a relative motion. Undefined if the viewer sees the whole screen. */
  #placeAfter(dx: number, dy: number): { x: number; y: number } | undefined {
    if (!this.#limits?.rules.visibleRegion) return undefined;
    const { width, height } = this.#limits.screen();
    const { x, y } = this.#place ?? { x: width >> 1, y: height >> 1 };
    const clamp = (place: number, side: number): number => Math.max(0, Math.min(side - 1, place));
    return { x: clamp(x + dx, width), y: clamp(y + dy, height) };
  }

  /** Uses buttons and wheel as far as they are allowed at the viewer's place of the pointer. */
  #press(
    { type, buttonMask, scrollX, scrollY }: Message<'pointer'> | Message<'relativeMouse'>,
    place: { x: number; y: number } | undefined,
  ): void {
    const rules = this.#limits?.rules;
    const isConcealed = place !== undefined && this.#isConcealed(place);
    const before = { held: this.#buttonMask, refused: this.#refusedMask };
    const { held, refused } = rules
      ? gateButtons(before, buttonMask, isConcealed, rules)
      : { held: buttonMask, refused: 0 };
    const refusesWheel = isConcealed && !rules?.allowsPress && (scrollX !== 0 || scrollY !== 0);
    if (refused & ~before.refused || refusesWheel) this.#limits?.refused(type, 'AUDIT_CONCEALED');
    this.#place = place;
    this.#refusedMask = refused;
    this.#buttons(held);
    if (!isConcealed || rules?.allowsPress) this.#scroll(scrollX, scrollY);
  }

  /** Where buttons are used, if that must not be changed by another writer's motion. */
  get #clickPlace(): { x: number; y: number } | undefined {
    return this.#limits?.rules.visibleRegion ? this.#place : undefined;
  }

  #isConcealed(place: { x: number; y: number }): boolean {
    const region = this.#limits?.rules.visibleRegion;
    return region !== undefined && !contains(visibleRect(region, this.#limits!.screen()), place);
  }

  /**
   * The id of the key that a message releases. If Shift was pressed or released while the key was down, the release
   * names another keysym than the press: the scancode is the same, or else the letter.
   */
  #idOfRelease(message: Message<'key'>): string {
    const id = keyId(message);
    if (message.keycode || this.#keys.has(id)) return id;
    const letter = lowerCase(message.keysym);
    if (letter === undefined) return id;
    for (const [other, held] of this.#keys) {
      if (!held.keycode && lowerCase(held.keysym) === letter) return other;
    }
    return id;
  }

  #release(id: string): void {
    const held = this.#keys.get(id);
    if (!held) return;
    this.#keys.delete(id);
    this.#send(held, false);
  }

  /** Releases the key that was pressed longest ago: a viewer that lost its release must still be able to type. */
  #releaseOldest(): void {
    for (const id of this.#keys.keys()) {
      this.#release(id);
      return;
    }
  }

  #send({ keysym, keycode }: Message<'key'>, down: boolean): void {
    this.#input.key(keysym, down, evdevFromXt(keycode));
  }

  #move(motion: Motion): void {
    this.#motion = this.#motion ? merged(this.#motion, motion) : motion;
    const nowMs = this.#clock.nowMs();
    if (this.#pointerBudget.take(COST.move, nowMs, MOVE_RESERVE)) this.#sendMotion();
    else
      this.#cancelMotion ??= this.#clock.after(
        this.#pointerBudget.waitMs(COST.move, nowMs, MOVE_RESERVE),
        () => this.#retryMotion(),
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
      this.#input.button(bit + 1, down, this.#clickPlace);
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
      this.#input.button(button, true, this.#clickPlace);
      this.#input.button(button, false);
    }
    return distance - steps * SCROLL_STEP;
  }
}

/** Identifies a key of the viewer: the physical key if the viewer named it, else the keysym. */
const keyId = ({ keysym, keycode }: Message<'key'>): string =>
  keycode ? `code ${keycode}` : `sym ${keysym}`;

/** The character of a keysym in lower case. Undefined for keysyms that are neither Latin-1 nor Unicode. */
function lowerCase(keysym: number): string | undefined {
  const codePoint = keysym > LATIN1_LAST ? keysym - UNICODE_BASE : keysym;
  return codePoint >= 0 && codePoint <= 0x10_ffff ? String.fromCodePoint(codePoint).toLowerCase() : undefined;
}

/** One motion with the effect of two. */
function merged(first: Motion, second: Motion): Motion {
  if (second.kind === 'to') return second;
  const { dx, dy } = second;
  if (first.kind === 'to') return { kind: 'to', x: first.x + dx, y: first.y + dy };
  return { kind: 'by', dx: clampNudge(first.dx + dx), dy: clampNudge(first.dy + dy) };
}

const clampNudge = (distance: number): number => Math.max(-MAX_NUDGE_PX, Math.min(MAX_NUDGE_PX, distance));
