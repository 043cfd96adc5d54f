import type { DesktopInput } from '../../desktop/desktop.ts';
import type { ClientMessage } from '../../protocol/client-messages.ts';
import { evdevFromXt } from '../../protocol/xt-scancodes.ts';

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
  /** Aborted when this viewer may no longer write. */
  #grant = new AbortController();
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
    this.#input.key(
      message.keysym,
      message.down,
      evdevFromXt(message.keycode),
      this.#signalFor(message.down),
    );
  }

  pointer(message: Message<'pointer'>): void {
    this.#input.movePointer(message.x, message.y, this.#grant.signal);
    this.#buttons(message.buttonMask);
    this.#scroll(message.scrollX, message.scrollY);
  }

  relativeMouse(message: Message<'relativeMouse'>): void {
    this.#input.nudgePointer(message.dx, message.dy, this.#grant.signal);
    this.#buttons(message.buttonMask);
    this.#scroll(message.scrollX, message.scrollY);
  }

  /** It may no longer write: of what it did, all that still waits is dropped, and all that it holds is let go. */
  revoke(): void {
    this.#grant.abort();
    this.#grant = new AbortController();
    this.release();
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
      if (!(changed & (1 << bit))) continue;
      const down = (mask & (1 << bit)) !== 0;
      this.#input.button(bit + 1, down, this.#signalFor(down));
    }
    this.#buttonMask = mask;
  }

  /** What was pressed is always let go again, whatever happened in between. */
  #signalFor(down: boolean): AbortSignal | undefined {
    return down ? this.#grant.signal : undefined;
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
      this.#input.button(button, true, this.#grant.signal);
      this.#input.button(button, false);
    }
    return distance - steps * SCROLL_STEP;
  }
}
