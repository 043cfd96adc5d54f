import type { Screen } from '../../render/screen.ts';
import type { InputSink } from '../input-sink.ts';
import { Travel, wheelMasks } from '../wheel.ts';
import { type Action, Gestures, type Place, type TouchMode } from './gestures.ts';

/** CSS pixels a millisecond above which the pointer of a touch-pad gets faster. A larger value makes it slower. */
const FAST_PX_PER_MS = 0.4;
/** How much faster it gets at most. A larger value reaches the far side in one stroke, and misses small buttons. */
const MOST_GAIN = 3;

/** The picture that fingers touch. */
type TouchedScreen = Pick<
  Screen,
  'size' | 'scale' | 'toDesktopPoint' | 'toPage' | 'zoomBy' | 'panBy' | 'reveal'
>;

interface TouchEvents {
  /** The pointer of a touch-pad is at this place of the page. */
  onPointer(at: { readonly clientX: number; readonly clientY: number }): void;
}

/** Sends what fingers do on the desktop's picture, and enlarges it. */
export class TouchInput {
  readonly #sink: InputSink;
  readonly #screen: TouchedScreen;
  readonly #events: TouchEvents;
  readonly #gestures = new Gestures();
  readonly #vertical = new Travel();
  readonly #horizontal = new Travel();
  #buttons = 0;
  /** Place of the pointer on the desktop, with fractions of a pixel. In its middle until fingers have moved it. */
  #moved: Place | undefined;
  #lastMoveMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `signal` ends it. */
  constructor(
    element: HTMLElement,
    sink: InputSink,
    screen: TouchedScreen,
    events: TouchEvents,
    signal: AbortSignal,
  ) {
    this.#sink = sink;
    this.#screen = screen;
    this.#events = events;
    const onTouch = (type: string, handle: (event: PointerEvent) => readonly Action[]): void => {
      element.addEventListener(type, (event) => {
        const pointer = event as PointerEvent;
        if (pointer.pointerType === 'touch') this.#take(handle(pointer), pointer.timeStamp);
      });
    };
    onTouch('pointerdown', (event) => {
      element.setPointerCapture(event.pointerId);
      return this.#gestures.down(event.pointerId, placeOf(event), event.timeStamp);
    });
    onTouch('pointermove', (event) => this.#gestures.move(event.pointerId, placeOf(event)));
    onTouch('pointerup', (event) => this.#gestures.up(event.pointerId, event.timeStamp));
    onTouch('pointercancel', () => this.#gestures.cancel());
    window.addEventListener('blur', () => this.releaseAll(), { signal });
  }

  get mode(): TouchMode {
    return this.#gestures.mode;
  }

  setMode(mode: TouchMode): void {
    this.releaseAll();
    this.#gestures.mode = mode;
    this.showPointer();
  }

  /** Tells again where the pointer of a touch-pad is on the page. */
  showPointer(): void {
    if (this.mode === 'touchpad') this.#events.onPointer(this.#screen.toPage(this.#at.x, this.#at.y));
  }

  get #at(): Place {
    const { width, height } = this.#screen.size;
    return this.#moved ?? { x: width / 2, y: height / 2 };
  }

  releaseAll(): void {
    this.#take(this.#gestures.cancel(), performance.now());
  }

  /** `nowMs` is of `performance.now()`, as the time stamps of events are. */
  #take(actions: readonly Action[], nowMs: number): void {
    for (const action of actions) this.#carryOut(action, nowMs);
    clearTimeout(this.#timer);
    const { deadlineMs } = this.#gestures;
    if (deadlineMs === undefined) return;
    this.#timer = setTimeout(
      () => this.#take(this.#gestures.tick(performance.now()), performance.now()),
      Math.max(0, deadlineMs - performance.now()),
    );
  }

  #carryOut(action: Action, nowMs: number): void {
    switch (action.kind) {
      case 'point':
        this.#moved = this.#screen.toDesktopPoint({ clientX: action.at.x, clientY: action.at.y });
        this.#send();
        break;
      case 'nudge':
        this.#nudge(action.dx, action.dy, nowMs);
        break;
      case 'press':
        this.#buttons |= 1 << action.button;
        this.#send();
        break;
      case 'release':
        this.#buttons &= ~(1 << action.button);
        this.#send();
        break;
      case 'scroll':
        this.#scroll(action.dx, action.dy);
        break;
      case 'zoom':
        this.#screen.zoomBy(action.factor, { clientX: action.at.x, clientY: action.at.y });
        this.#screen.panBy(action.dx, action.dy);
        break;
    }
  }

  #nudge(dx: number, dy: number, nowMs: number): void {
    const gain = gainOf(Math.hypot(dx, dy), nowMs - this.#lastMoveMs) / this.#screen.scale;
    this.#lastMoveMs = nowMs;
    const { width, height } = this.#screen.size;
    const at = this.#at;
    this.#moved = {
      x: Math.max(0, Math.min(width - 1, at.x + dx * gain)),
      y: Math.max(0, Math.min(height - 1, at.y + dy * gain)),
    };
    this.#send();
    this.#screen.reveal(this.#at.x, this.#at.y);
    this.showPointer();
  }

  /** What is below the fingers follows them: fingers that go up turn the wheel down. */
  #scroll(dx: number, dy: number): void {
    const down = this.#vertical.steps(-dy);
    const right = this.#horizontal.steps(-dx);
    for (const mask of [...wheelMasks('horizontal', right), ...wheelMasks('vertical', down)]) {
      this.#sink.pointer(this.#buttons | mask, Math.floor(this.#at.x), Math.floor(this.#at.y));
      this.#send();
    }
  }

  #send(): void {
    this.#sink.pointer(this.#buttons, Math.floor(this.#at.x), Math.floor(this.#at.y));
  }
}

const placeOf = (event: PointerEvent): Place => ({ x: event.clientX, y: event.clientY });

/** How far the pointer of a touch-pad goes for each CSS pixel of a finger that moves this far in this time. */
function gainOf(px: number, ms: number): number {
  if (ms <= 0 || ms > 100) return 1;
  return Math.min(MOST_GAIN, Math.max(1, px / ms / FAST_PX_PER_MS));
}
