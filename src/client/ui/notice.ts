import { element } from './element.ts';

/** Time for which a notice is shown, in ms: long enough to read two sentences. */
const SHOWN_MS = 8000;

/** A sentence below the toolbar. */
export class Notice {
  readonly #element = element('notice', HTMLParagraphElement);
  #held = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Shows a sentence, which goes away by itself. */
  show(text: string): void {
    clearTimeout(this.#timer);
    this.#set(text);
    this.#timer = setTimeout(() => this.#set(this.#held), SHOWN_MS);
  }

  /** Shows a sentence until it is released. */
  hold(text: string): void {
    clearTimeout(this.#timer);
    this.#held = text;
    this.#set(text);
  }

  release(): void {
    if (this.#element.textContent === this.#held) this.#set('');
    this.#held = '';
  }

  #set(text: string): void {
    this.#element.hidden = text === '';
    // A reader for blind users says each change.
    if (this.#element.textContent !== text) this.#element.textContent = text;
  }
}
