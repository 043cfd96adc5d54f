import type { InputSink } from './input-sink.ts';
import { WheelAxis, wheelMasks } from './wheel.ts';

/** RFB button for each bit of the DOM's mask: left, right, middle, back, forward. */
const RFB_BUTTON_OF_DOM_BIT = [0, 2, 1, 7, 8] as const;

function rfbButtons(domButtons: number): number {
  let mask = 0;
  for (const [bit, button] of RFB_BUTTON_OF_DOM_BIT.entries()) {
    if (domButtons & (1 << bit)) mask |= 1 << button;
  }
  return mask;
}

/** Fingers make gestures instead. */
const isMouse = (event: PointerEvent): boolean => event.isPrimary && event.pointerType !== 'touch';

/** What the user wants of the wheel. */
export interface WheelSettings {
  /** Factor of all distances. */
  readonly speed: number;
  readonly isReversed: boolean;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Position before the first event: it differs from every place on the desktop. */
const NOWHERE: Point = { x: -1, y: -1 };

/**
 * Sends what mouse and pen do on the desktop's picture.
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
  /** Distance that a locked pointer has moved and that was not sent, with fractions of a pixel. */
  #travel: Point = { x: 0, y: 0 };
  #isMovePending = false;
  #frame: number | undefined;

  wheel: WheelSettings = { speed: 1, isReversed: false };
  /** Called on each press, so that keyboard input goes to the desktop too. */
  onPress: () => void = () => {};
  /** Called with each press and turn of the wheel, before it is sent: it tells which modifiers are down. */
  onModifiers: (event: MouseEvent) => void = () => {};

  /** `signal` ends it. */
  constructor(
    element: HTMLElement,
    sink: InputSink,
    toDesktop: (event: MouseEvent) => Point,
    signal: AbortSignal,
  ) {
    this.#element = element;
    this.#sink = sink;
    this.#toDesktop = toDesktop;
    element.addEventListener('pointerdown', (event) => this.#onDown(event));
    element.addEventListener('pointermove', (event) => this.#onMove(event));
    element.addEventListener('pointerup', (event) => this.#onButtons(event));
    element.addEventListener('pointercancel', (event) => {
      if (isMouse(event)) this.releaseAll();
    });
    element.addEventListener('wheel', (event) => this.#onWheel(event), { passive: false });
    // The desktop has its own menus, the side buttons must not leave the page, and a press must not take the
    // keyboard focus, which is the default action of mousedown. Preventing pointerdown would suppress the mousedown
    // event but not its default action.
    for (const type of ['contextmenu', 'auxclick', 'mousedown', 'mouseup', 'dragstart']) {
      element.addEventListener(type, (event) => event.preventDefault());
    }
    window.addEventListener('blur', () => this.releaseAll(), { signal });
  }

  /** Gives the mouse to the desktop: it hears how far the mouse moves, and not where. Escape ends that. */
  async lock(): Promise<void> {
    await this.#element.requestPointerLock();
  }

  get #isLocked(): boolean {
    return document.pointerLockElement === this.#element;
  }

  releaseAll(): void {
    if (this.#buttons === 0) return;
    this.#buttons = 0;
    this.#send();
  }

  #onDown(event: PointerEvent): void {
    if (!isMouse(event)) return;
    // With the pointer captured, a drag continues outside the picture and its end is not missed.
    this.#element.setPointerCapture(event.pointerId);
    this.onPress();
    this.onModifiers(event);
    this.#onButtons(event);
  }

  /** Handles moves. The browser reports further buttons as moves while a button is down. */
  #onMove(event: PointerEvent): void {
    if (!isMouse(event)) return;
    if (rfbButtons(event.buttons) !== this.#buttons) {
      this.#onButtons(event);
      return;
    }
    // If the picture is scaled up, many places on the page are one pixel of the desktop.
    if (!this.#follow(event) && !this.#isMovePending) return;
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
    if (!isMouse(event)) return;
    const hasMoved = this.#follow(event);
    const buttons = rfbButtons(event.buttons);
    // Move the pointer before the button changes: a press at a place where the pointer never was misleads some
    // toolkits.
    if (this.#isMovePending || hasMoved) this.#send();
    if (buttons === this.#buttons) return;
    this.#buttons = buttons;
    this.#send();
  }

  #onWheel(event: WheelEvent): void {
    event.preventDefault();
    this.onModifiers(event);
    this.#follow(event);
    // Some browsers turn the wheel's axis while Shift is down. Both axes are sent as the browser reports them.
    const { deltaMode, timeStamp } = event;
    const by = this.wheel.isReversed ? -this.wheel.speed : this.wheel.speed;
    const down = this.#vertical.steps(event.deltaY * by, deltaMode, timeStamp);
    const right = this.#horizontal.steps(event.deltaX * by, deltaMode, timeStamp);
    for (const mask of [...wheelMasks('vertical', down), ...wheelMasks('horizontal', right)]) {
      this.#send(this.#buttons | mask);
      this.#send();
    }
  }

  /** Takes the place of an event, or the distance if the pointer is locked. Returns whether it has moved. */
  #follow(event: MouseEvent): boolean {
    if (this.#isLocked) {
      this.#travel = { x: this.#travel.x + event.movementX, y: this.#travel.y + event.movementY };
      return Math.abs(this.#travel.x) >= 1 || Math.abs(this.#travel.y) >= 1;
    }
    const before = this.#at;
    this.#at = this.#toDesktop(event);
    return before.x !== this.#at.x || before.y !== this.#at.y;
  }

  #send(buttons = this.#buttons): void {
    this.#isMovePending = false;
    if (!this.#isLocked) {
      this.#sink.pointer(buttons, this.#at.x, this.#at.y);
      return;
    }
    const [dx, dy] = [Math.trunc(this.#travel.x), Math.trunc(this.#travel.y)];
    this.#travel = { x: this.#travel.x - dx, y: this.#travel.y - dy };
    this.#sink.nudge(buttons, dx, dy);
  }
}
