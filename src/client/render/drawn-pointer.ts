import type { CursorImage } from './cursor.ts';

/** Shows the desktop's pointer as an element of the page, for fingers on a touch-pad, which have no cursor. */
export class DrawnPointer {
  readonly #image: HTMLImageElement;
  #hotX = 0;
  #hotY = 0;

  constructor(image: HTMLImageElement) {
    this.#image = image;
  }

  setShape(shape: CursorImage | undefined): void {
    this.#hotX = shape?.hotX ?? 0;
    this.#hotY = shape?.hotY ?? 0;
    if (shape) this.#image.src = shape.url;
    else this.#image.removeAttribute('src');
  }

  /** Puts its tip to a place on the page. */
  moveTo(clientX: number, clientY: number): void {
    this.#image.hidden = false;
    this.#image.style.translate = `${clientX - this.#hotX}px ${clientY - this.#hotY}px`;
  }

  hide(): void {
    this.#image.hidden = true;
  }
}
