import { button } from '../controls.ts';
import { h } from '../dom.ts';

interface ShownOnceOptions {
  readonly label: string;
  readonly copy: string;
  /** Called when the text was copied, or the browser has refused that. */
  onCopied(isCopied: boolean): void;
}

/** A secret that the server shows only once, with a button that copies it. */
export class ShownOnce {
  readonly #field: HTMLInputElement;
  readonly #why = h('small', {});
  readonly element: HTMLElement;

  constructor({ label, copy, onCopied }: ShownOnceOptions) {
    // Left to right, whatever the language: it is an address or a random text.
    this.#field = h('input', { type: 'text', readonly: true, dir: 'ltr', 'aria-label': label });
    this.#field.addEventListener('focus', () => this.#field.select());
    this.element = h(
      'div',
      { class: 'shown-once', hidden: true },
      this.#field,
      button(copy, () => {
        this.#copy().then(
          () => onCopied(true),
          () => {
            // The user can copy what is selected.
            this.#field.select();
            onCopied(false);
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
