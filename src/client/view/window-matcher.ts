import type { Size } from '../render/geometry.ts';

/**
 * Time for which the window's size must stay the same before the desktop is resized, in ms. A smaller value resizes
 * the desktop during a drag.
 */
const REST_MS = 400;
/** Smallest size to ask for: a smaller desktop is of no use. */
const SMALLEST: Size = { width: 320, height: 200 };

/** Keeps the desktop at the window's size, if that is switched on and the server allows it. */
export class WindowMatcher {
  readonly #screen: { readonly room: Size; readonly size: Size };
  readonly #request: (size: Size) => void;
  #isOn = false;
  #isPossible = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `signal` ends it. */
  constructor(
    screen: { readonly room: Size; readonly size: Size },
    request: (size: Size) => void,
    signal: AbortSignal,
  ) {
    this.#screen = screen;
    this.#request = request;
    const onResize = (): void => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#match(), REST_MS);
    };
    window.addEventListener('resize', onResize, { signal });
    signal.addEventListener('abort', () => clearTimeout(this.#timer));
  }

  setOn(isOn: boolean): void {
    this.#isOn = isOn;
    this.#match();
  }

  /** Sets whether the server lets viewers resize. Called for each new connection. */
  setPossible(isPossible: boolean): void {
    this.#isPossible = isPossible;
    this.#match();
  }

  #match(): void {
    if (!this.#isOn || !this.#isPossible) return;
    const { room, size } = this.#screen;
    const width = Math.max(SMALLEST.width, room.width);
    const height = Math.max(SMALLEST.height, room.height);
    if (width !== size.width || height !== size.height) this.#request({ width, height });
  }
}
