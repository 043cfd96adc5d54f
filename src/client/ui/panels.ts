import { type TextName, text } from '../text/texts.ts';
import { h, icon } from './dom.ts';

/** A panel beside the toolbar, such as that of the clipboard. */
export interface Panel {
  readonly title: TextName;
  readonly content: readonly HTMLElement[];
  /** Called when the panel opens, to show what is so now. */
  onOpen?(): void;
}

/** Shows one panel at a time. The button that opens it says so to readers for blind users. */
export class Panels {
  readonly #root: HTMLElement;
  readonly #onLeave: () => void;
  #open: { readonly button: HTMLButtonElement; readonly element: HTMLElement } | undefined;

  /** `onLeave` is called when the user is done with a panel. */
  constructor(root: HTMLElement, onLeave: () => void) {
    this.#root = root;
    this.#onLeave = onLeave;
    root.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.#open) return;
      event.stopPropagation();
      const { button } = this.#open;
      this.close();
      button.focus();
    });
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Opens the panel of a button, or closes it. */
  toggle(button: HTMLButtonElement, panel: Panel): void {
    const isOpen = this.#open?.button === button;
    this.close();
    if (isOpen) return;
    panel.onOpen?.();
    const element = h(
      'section',
      { class: 'panel', role: 'dialog', 'aria-label': text(panel.title) },
      h(
        'header',
        {},
        h('h2', {}, text(panel.title)),
        h(
          'button',
          {
            type: 'button',
            class: 'tool',
            title: text('close'),
            'aria-label': text('close'),
            onclick: () => this.#leave(),
          },
          icon('close'),
        ),
      ),
      ...panel.content,
    );
    this.#root.append(element);
    button.setAttribute('aria-expanded', 'true');
    this.#open = { button, element };
    firstControl(element)?.focus();
  }

  close(): void {
    this.#open?.element.remove();
    this.#open?.button.setAttribute('aria-expanded', 'false');
    this.#open = undefined;
  }

  #leave(): void {
    this.close();
    this.#onLeave();
  }
}

const firstControl = (element: HTMLElement): HTMLElement | null =>
  element.querySelector<HTMLElement>('input:checked, input:not([type="radio"]), textarea, .push, .tool');
