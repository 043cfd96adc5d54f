import type { TouchMode } from './input/touch/gestures.ts';
import type { ScaleMode } from './render/geometry.ts';

/** What the user has chosen in the page. */
export interface Preferences {
  readonly scaleMode: ScaleMode;
  readonly matchWindow: boolean;
  readonly touchMode: TouchMode;
}

const CHOICES: { readonly [Name in keyof Preferences]: readonly Preferences[Name][] } = {
  scaleMode: ['fit', 'actual'],
  matchWindow: [false, true],
  touchMode: ['direct', 'touchpad'],
};

/**
 * Keeps the user's choices in the browser, for each server: the page's folder is part of the key, because one host may
 * have several desktops. The first of the choices holds where nothing else was chosen, or the browser keeps nothing.
 */
export class PreferenceStore {
  readonly #storage: () => Storage;
  readonly #prefix: string;

  /** `storage` throws where the browser forbids it, such as in a frame of another site. */
  constructor(baseUrl: URL, storage: () => Storage = () => localStorage) {
    this.#prefix = `deskwire ${baseUrl.pathname} `;
    this.#storage = storage;
  }

  get<Name extends keyof Preferences>(name: Name): Preferences[Name] {
    const choices = CHOICES[name];
    try {
      const kept = this.#storage().getItem(this.#prefix + name);
      return choices.find((choice) => String(choice) === kept) ?? choices[0]!;
    } catch {
      return choices[0]!;
    }
  }

  set<Name extends keyof Preferences>(name: Name, choice: Preferences[Name]): void {
    try {
      this.#storage().setItem(this.#prefix + name, String(choice));
    } catch {
      // The choice holds until the page is left.
    }
  }
}
