/** Shows one form at a time below a row, for an action that needs more than a click. */
export class Drawer {
  readonly #host: HTMLElement;
  #open: { readonly opener: HTMLButtonElement; readonly content: HTMLElement } | undefined;

  constructor(host: HTMLElement) {
    this.#host = host;
    host.addEventListener('keydown', (event) => {
      // The panel would close with it.
      if (event.key !== 'Escape' || !this.#open) return;
      event.stopPropagation();
      this.close();
    });
  }

  /** Opens the form of a button, or closes it. The first field gets the focus. */
  toggle(opener: HTMLButtonElement, create: () => HTMLElement): void {
    const isOpen = this.#open?.opener === opener;
    this.close();
    if (isOpen) return;
    const content = create();
    opener.setAttribute('aria-expanded', 'true');
    this.#open = { opener, content };
    this.#host.append(content);
    content.scrollIntoView({ block: 'nearest' });
    content.querySelector<HTMLElement>('input, select, textarea, button')?.focus();
  }

  /** The focus goes back to the button, unless it is elsewhere. */
  close(): void {
    if (!this.#open) return;
    const { opener, content } = this.#open;
    this.#open = undefined;
    const hadFocus = content.contains(document.activeElement);
    content.remove();
    opener.setAttribute('aria-expanded', 'false');
    if (hadFocus) opener.focus();
  }
}
