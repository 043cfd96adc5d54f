import { button } from '../controls.ts';
import { h } from '../dom.ts';
import { accessText as text } from './access-text.ts';
import type { Outcome } from './outcome.ts';

/** A secret that the server shows only once, with a button that copies it. `outcome` says whether that worked. */
export class ShownOnce {
  readonly #field: HTMLInputElement;
  readonly #why = h('small', {});
  readonly element: HTMLElement;

  constructor(label: string, outcome: Outcome) {
    // Left to right, whatever the language: it is an address or a random text.
    this.#field = h('input', { type: 'text', readonly: true, dir: 'ltr', 'aria-label': label });
    this.#field.addEventListener('focus', () => this.#field.select());
    this.element = h(
      'div',
      { class: 'shown-once', hidden: true },
      this.#field,
      button(text('copy'), () => {
        this.#copy().then(
          () => outcome.done(text('copied')),
          () => {
            // The user can copy what is selected.
            this.#field.select();
            outcome.refused(text('notCopied'));
          },
        );
      }),
      this.#why,
    );
  }

  show(secret: string, why: string): void {
    this.#field.value = secret;
    this.#why.textContent = why;
    this.element.hidden = false;
    this.#field.focus();
  }

  /** Rejects where the browser gives the page no clipboard, as it does without TLS. */
  async #copy(): Promise<void> {
    await navigator.clipboard.writeText(this.#field.value);
  }

  /** The secret is gone from the page. */
  forget(): void {
    this.#field.value = '';
    this.element.hidden = true;
  }
}
