import type { DesktopInput } from '../desktop/desktop.ts';
import type { ClientMessage } from '../protocol/client-messages.ts';
import { evdevFromXt } from '../protocol/xt-scancodes.ts';

type Message<Type extends ClientMessage['type']> = Extract<ClientMessage, { type: Type }>;

/** Bits of RFB's pointer mask that are buttons: bit n is X button n + 1, up to 9 (forward). */
const BUTTONS = 9;

/** X buttons of a wheel step. */
const WHEEL_UP = 4;
const WHEEL_DOWN = 5;
const WHEEL_LEFT = 6;
const WHEEL_RIGHT = 7;

/** What a wheel reports for one step, down and right being positive: the unit of X's scroll valuators here. */
const SCROLL_STEP = 120;

/** One viewer's hands on the desktop: remembers what it holds down, so that all of it can be let go. */
export class ViewerInput {
  readonly #input: DesktopInput;
  readonly #keys = new Map<string, Message<'key'>>();
  #buttonMask = 0;
  #scrollX = 0;
  #scrollY = 0;

  constructor(input: DesktopInput) {
    this.#input = input;
  }

  key(message: Message<'key'>): void {
    // The same key may come back up with another keysym (Shift let go first); its scancode stays.
    const id = message.keycode ? `code ${message.keycode}` : `sym ${message.keysym}`;
    if (message.down) this.#keys.set(id, message);
    else if (!this.#keys.delete(id)) return;
    this.#input.key(message.keysym, message.down, evdevFromXt(message.keycode));
  }

  pointer(message: Message<'pointer'>): void {
    this.#input.movePointer(message.x, message.y);
    this.#buttons(message.buttonMask);
    this.#scroll(message.scrollX, message.scrollY);
  }

  relativeMouse(message: Message<'relativeMouse'>): void {
    this.#input.nudgePointer(message.dx, message.dy);
    this.#buttons(message.buttonMask);
    this.#scroll(message.scrollX, message.scrollY);
  }

  /** Lets go of all that this viewer holds down. */
  release(): void {
    this.#buttons(0);
    for (const message of this.#keys.values()) {
      this.#input.key(message.keysym, false, evdevFromXt(message.keycode));
    }
    this.#keys.clear();
  }

  #buttons(mask: number): void {
    const changed = this.#buttonMask ^ mask;
    for (let bit = 0; bit < BUTTONS; bit++) {
      if (changed & (1 << bit)) this.#input.button(bit + 1, (mask & (1 << bit)) !== 0);
    }
    this.#buttonMask = mask;
  }

  #scroll(dx: number, dy: number): void {
    this.#scrollX = this.#wheel(this.#scrollX + dx, WHEEL_LEFT, WHEEL_RIGHT);
    this.#scrollY = this.#wheel(this.#scrollY + dy, WHEEL_UP, WHEEL_DOWN);
  }

  /** Whole steps become clicks; the rest is kept for the next message. */
  #wheel(distance: number, negative: number, positive: number): number {
    const steps = Math.trunc(distance / SCROLL_STEP);
    for (let i = 0; i < Math.abs(steps); i++) {
      const button = steps < 0 ? negative : positive;
      this.#input.button(button, true);
      this.#input.button(button, false);
    }
    return distance - steps * SCROLL_STEP;
  }
}
