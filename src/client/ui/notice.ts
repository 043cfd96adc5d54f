import { element } from './element.ts';

/** Time for which a notice is shown, in ms: long enough to read two sentences. */
const SHOWN_MS = 8000;

/** A sentence of the server, below the toolbar. It goes away by itself. */
export class Notice {
  readonly #element = element('notice', HTMLParagraphElement);
  #timer: ReturnType<typeof setTimeout> | undefined;

  show(text: string): void {
    clearTimeout(this.#timer);
    this.#element.textContent = text;
    this.#element.hidden = false;
    this.#timer = setTimeout(() => {
      this.#element.hidden = true;
    }, SHOWN_MS);
  }
}
