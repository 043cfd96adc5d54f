import { type BarTextName, barText as text } from '../text/bar-texts.ts';
import { h, icon } from './dom.ts';

/** A panel beside the toolbar, such as that of the clipboard. */
export interface Panel {
  readonly title: BarTextName;
  readonly content: readonly HTMLElement[];
  /** Whether it has tables, and so takes more of the window's width. */
  readonly isWide?: boolean;
  /** Called when the panel opens, to show what is so now. */
  onOpen?(): void;
  /** Called when the panel closes. */
  onClose?(): void;
}

/** A panel that most users do not need is loaded when it is first opened. */
export type PanelSource = Panel | (() => Promise<Panel>);

/** Loads a panel once. A load that failed is tried again. */
export function loadedOnce(load: () => Promise<Panel>): () => Promise<Panel> {
  let loading: Promise<Panel> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}

/** Shows one panel at a time. The button that opens it says so to readers for blind users. */
export class Panels {
  readonly #root: HTMLElement;
  readonly #onLeave: () => void;
  readonly #onNotLoaded: () => void;
  #open:
    | { readonly button: HTMLButtonElement; readonly element: HTMLElement; readonly panel: Panel }
    | undefined;
  /** The button whose panel is being loaded. */
  #awaited: HTMLButtonElement | undefined;

  /** `onLeave` is called when the user is done with a panel, `onNotLoaded` when one could not be loaded. */
  constructor(
    root: HTMLElement,
    { onLeave, onNotLoaded }: { readonly onLeave: () => void; readonly onNotLoaded: () => void },
  ) {
    this.#root = root;
    this.#onLeave = onLeave;
    this.#onNotLoaded = onNotLoaded;
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
  toggle(button: HTMLButtonElement, source: PanelSource): void {
    const isOpen = this.#open?.button === button;
    this.close();
    if (isOpen) return;
    if (typeof source === 'function') void this.#load(button, source);
    else this.#show(button, source);
  }

  async #load(button: HTMLButtonElement, load: () => Promise<Panel>): Promise<void> {
    this.#awaited = button;
    button.setAttribute('aria-busy', 'true');
    const panel = await load().catch(() => undefined);
    button.removeAttribute('aria-busy');
    // The user may have opened another panel, or closed this one, meanwhile.
    if (this.#awaited !== button) return;
    this.#awaited = undefined;
    if (panel === undefined) this.#onNotLoaded();
    else this.#show(button, panel);
  }

  #show(button: HTMLButtonElement, panel: Panel): void {
    panel.onOpen?.();
    const element = h(
      'section',
      { class: panel.isWide ? 'panel wide' : 'panel', role: 'dialog', 'aria-label': text(panel.title) },
      h(
        'div',
        { class: 'panel-head' },
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
    this.#open = { button, element, panel };
    firstControl(element)?.focus();
  }

  close(): void {
    this.#awaited = undefined;
    if (!this.#open) return;
    const { button, element, panel } = this.#open;
    this.#open = undefined;
    element.remove();
    button.setAttribute('aria-expanded', 'false');
    panel.onClose?.();
  }

  /** Closes the panel of this button, if it is open. */
  closeOf(button: HTMLButtonElement): void {
    if (this.#open?.button === button || this.#awaited === button) this.close();
  }

  #leave(): void {
    this.close();
    this.#onLeave();
  }
}

/** The control that a user probably wants first: what is chosen, what can be chosen, or the button that closes. */
const firstControl = (element: HTMLElement): HTMLElement | null =>
  element.querySelector<HTMLElement>('input:checked') ??
  // On a phone, a text field that gets the focus brings the on-screen keyboard, which covers the panel.
  (matchMedia('(pointer: coarse)').matches ? element.querySelector<HTMLElement>('.tool') : undefined) ??
  element.querySelector<HTMLElement>(':scope > :not(.panel-head) :is(input, textarea, .key, .push)') ??
  element.querySelector<HTMLElement>(':scope > :is(textarea, .push), .tool');
