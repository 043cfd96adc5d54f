import type { Bar, BarFacts, BarOptions } from './ui/bar.ts';

/**
 * Longest time from the page's start to its toolbar, in ms. A page without a picture by then has something to tell, or
 * waits. With a smaller value, the toolbar takes time from a picture that is on its way; with a larger one, a page that
 * waits has none for longer.
 */
const PATIENCE_MS = 500;

const FIRST_FACTS: BarFacts = {
  state: 'connecting',
  name: 'Deskwire',
  user: undefined,
  rights: undefined,
  isResizable: false,
  clipboard: undefined,
};

/** The toolbar, which is loaded behind the first picture, and what it shows from then on. */
export class LaterBar {
  readonly #options: BarOptions;
  #facts = FIRST_FACTS;
  #bar: Bar | undefined;
  #loading: Promise<Bar | undefined> | undefined;

  constructor(options: BarOptions) {
    this.#options = options;
    setTimeout(() => void this.load(), PATIENCE_MS);
  }

  /** Shows a fact, now or when there is a toolbar. */
  tell<Name extends keyof BarFacts>(name: Name, fact: BarFacts[Name]): void {
    this.#facts = { ...this.#facts, [name]: fact };
    this.#bar?.show(name, fact);
  }

  /** No key is down any more. */
  keysReleased(): void {
    this.#bar?.keysReleased();
  }

  /** Moves the focus to the toolbar. */
  focus(): void {
    if (this.#bar) this.#bar.focus();
    else void this.load().then((bar) => bar?.focus());
  }

  /** Loads the toolbar, unless it is there. Resolves with undefined if it cannot be loaded now. */
  load(): Promise<Bar | undefined> {
    this.#loading ??= import('./ui/bar.ts').then(
      async ({ Bar }) => {
        await Bar.loadTexts();
        this.#bar = new Bar(this.#options, this.#facts);
        return this.#bar;
      },
      () => {
        this.#loading = undefined;
        return undefined;
      },
    );
    return this.#loading;
  }
}
