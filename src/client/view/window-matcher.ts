import type { Size } from '../render/geometry.ts';
import { watchPixelRatio } from '../render/pixel-ratio.ts';
import { type DesktopScale, scalePercentOf } from './desktop-scale.ts';

/**
 * Time for which the window's size must stay the same before the desktop is resized, in ms. A smaller value resizes
 * the desktop during a drag.
 */
const REST_MS = 400;
/** Smallest size to ask for: a smaller desktop is of no use. */
const SMALLEST: Size = { width: 320, height: 200 };

/** Keeps the desktop at the window's size and at the chosen scale, if that is switched on and the server allows it. */
export class WindowMatcher {
  readonly #screen: { readonly room: Size; readonly size: Size };
  readonly #request: (size: Size, scalePercent: number) => void;
  #isOn = false;
  #isPossible = false;
  #scale: DesktopScale = 'auto';
  /** The scale that the server was told over the present connection. */
  #toldPercent: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `signal` ends it. */
  constructor(
    screen: { readonly room: Size; readonly size: Size },
    request: (size: Size, scalePercent: number) => void,
    signal: AbortSignal,
  ) {
    this.#screen = screen;
    this.#request = request;
    const onResize = (): void => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#match(), REST_MS);
    };
    window.addEventListener('resize', onResize, { signal });
    document.addEventListener('visibilitychange', () => this.#match(), { signal });
    // A window that moves to a screen of another density may keep its size.
    watchPixelRatio(onResize, signal);
    signal.addEventListener('abort', () => clearTimeout(this.#timer));
  }

  setOn(isOn: boolean): void {
    this.#isOn = isOn;
    this.#match();
  }

  setScale(scale: DesktopScale): void {
    this.#scale = scale;
    this.#match();
  }

  /** Sets whether the server lets viewers resize. Called for each new connection. */
  setPossible(isPossible: boolean): void {
    this.#isPossible = isPossible;
    if (!isPossible) this.#toldPercent = undefined;
    this.#match();
  }

  #match(): void {
    // Of several tabs, the one that is seen counts.
    if (!this.#isOn || !this.#isPossible || document.hidden) return;
    const { room, size } = this.#screen;
    const width = Math.max(SMALLEST.width, room.width);
    const height = Math.max(SMALLEST.height, room.height);
    const percent = scalePercentOf(this.#scale, window.devicePixelRatio);
    if (width === size.width && height === size.height && percent === this.#toldPercent) return;
    this.#toldPercent = percent;
    this.#request({ width, height }, percent);
  }
}
