import { h } from './dom.ts';

/** Time for which a notice is shown, in ms: long enough to read two sentences. */
const SHOWN_MS = 8000;

/** A sentence below the toolbar. */
export class Notice {
  readonly #element = h('p', { id: 'notice', class: 'notice', role: 'status', hidden: true });
  #held = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parent: ParentNode) {
    parent.append(this.#element);
  }

  /** Shows a sentence, which goes away by itself. */
  show(line: string): void {
    clearTimeout(this.#timer);
    this.#set(line);
    this.#timer = setTimeout(() => this.#set(this.#held), SHOWN_MS);
  }

  /** Shows a sentence until it is released. */
  hold(line: string): void {
    clearTimeout(this.#timer);
    this.#held = line;
    this.#set(line);
  }

  /** Shows nothing: what was said is over. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#held = '';
    this.#set('');
  }

  release(): void {
    if (this.#element.textContent === this.#held) this.#set('');
    this.#held = '';
  }

  #set(line: string): void {
    this.#element.hidden = line === '';
    // A reader for blind users says each change.
    if (this.#element.textContent !== line) this.#element.textContent = line;
  }
}
