import type { InputSink } from './input-sink.ts';
import { WheelAxis } from './wheel.ts';

/** RFB button for each bit of the DOM's mask: left, right, middle, back, forward. */
const RFB_BUTTON_OF_DOM_BIT = [0, 2, 1, 7, 8] as const;

const WHEEL_UP = 1 << 3;
const WHEEL_DOWN = 1 << 4;
const WHEEL_LEFT = 1 << 5;
const WHEEL_RIGHT = 1 << 6;

function rfbButtons(domButtons: number): number {
  let mask = 0;
  for (const [bit, button] of RFB_BUTTON_OF_DOM_BIT.entries()) {
    if (domButtons & (1 << bit)) mask |= 1 << button;
  }
  return mask;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Position before the first event: it differs from every place on the desktop. */
const NOWHERE: Point = { x: -1, y: -1 };

/**
 * Sends what mouse, pen and finger do on the desktop's picture.
 *
 * The first move of an animation frame is sent at once. Later moves wait for the end of the frame, and only the
 * last of them is sent. A button or wheel event first sends the waiting move, so that it acts at the pointer's
 * position.
 */
export class Pointer {
  readonly #element: HTMLElement;
  readonly #sink: InputSink;
  readonly #toDesktop: (event: MouseEvent) => Point;
  readonly #horizontal = new WheelAxis();
  readonly #vertical = new WheelAxis();
  #buttons = 0;
  #at: Point = NOWHERE;
  #isMovePending = false;
  #frame: number | undefined;

  /** Called on each press, so that keyboard input goes to the desktop too. */
  onPress: () => void = () => {};

  constructor(element: HTMLElement, sink: InputSink, toDesktop: (event: MouseEvent) => Point) {
    this.#element = element;
    this.#sink = sink;
    this.#toDesktop = toDesktop;
    element.addEventListener('pointerdown', (event) => this.#onDown(event));
    element.addEventListener('pointermove', (event) => this.#onMove(event));
    element.addEventListener('pointerup', (event) => this.#onButtons(event));
    element.addEventListener('pointercancel', () => this.releaseAll());
    element.addEventListener('wheel', (event) => this.#onWheel(event), { passive: false });
    // The desktop has its own menus, the side buttons must not leave the page, and a press must not take the
    // keyboard focus, which is the default action of mousedown. Preventing pointerdown would suppress the mousedown
    // event but not its default action.
    for (const type of ['contextmenu', 'auxclick', 'mousedown', 'mouseup', 'dragstart']) {
      element.addEventListener(type, (event) => event.preventDefault());
    }
    window.addEventListener('blur', () => this.releaseAll());
  }

  releaseAll(): void {
    if (this.#buttons === 0) return;
    this.#buttons = 0;
    this.#send();
  }

  #onDown(event: PointerEvent): void {
    if (!event.isPrimary) return;
    // With the pointer captured, a drag continues outside the picture and its end is not missed.
    this.#element.setPointerCapture(event.pointerId);
    this.onPress();
    this.#onButtons(event);
  }

  /** Handles moves. The browser reports further buttons as moves while a button is down. */
  #onMove(event: PointerEvent): void {
    if (!event.isPrimary) return;
    if (rfbButtons(event.buttons) !== this.#buttons) {
      this.#onButtons(event);
      return;
    }
    const before = this.#at;
    this.#at = this.#toDesktop(event);
    // If the picture is scaled up, many places on the page are one pixel of the desktop.
    if (!this.#isMovePending && before.x === this.#at.x && before.y === this.#at.y) return;
    if (this.#frame !== undefined) {
      this.#isMovePending = true;
      return;
    }
    this.#send();
    this.#frame = requestAnimationFrame(() => {
      this.#frame = undefined;
      if (this.#isMovePending) this.#send();
    });
  }

  #onButtons(event: PointerEvent): void {
    if (!event.isPrimary) return;
    const before = this.#at;
    this.#at = this.#toDesktop(event);
    const buttons = rfbButtons(event.buttons);
    // Move the pointer before the button changes: a press at a place where the pointer never was misleads some
    // toolkits.
    if (this.#isMovePending || before.x !== this.#at.x || before.y !== this.#at.y) this.#send();
    if (buttons === this.#buttons) return;
    this.#buttons = buttons;
    this.#send();
  }

  #onWheel(event: WheelEvent): void {
    event.preventDefault();
    this.#at = this.#toDesktop(event);
    // Some browsers turn the wheel's axis while Shift is down. Both axes are sent as the browser reports them.
    this.#turn(this.#vertical.steps(event.deltaY, event.deltaMode), WHEEL_UP, WHEEL_DOWN);
    this.#turn(this.#horizontal.steps(event.deltaX, event.deltaMode), WHEEL_LEFT, WHEEL_RIGHT);
  }

  #turn(steps: number, negative: number, positive: number): void {
    const button = steps < 0 ? negative : positive;
    for (let step = 0; step < Math.abs(steps); step++) {
      this.#sink.pointer(this.#buttons | button, this.#at.x, this.#at.y);
      this.#send();
    }
  }

  #send(): void {
    this.#isMovePending = false;
    this.#sink.pointer(this.#buttons, this.#at.x, this.#at.y);
  }
}
