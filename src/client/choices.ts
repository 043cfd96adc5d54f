import type { PreferenceStore, Preferences } from './preferences.ts';
import type { View } from './view/view.ts';

/** What the user has chosen for the view, and carries it out. */
export class Choices {
  readonly #preferences: PreferenceStore;
  readonly #effects: { readonly [Name in keyof Preferences]?: (choice: Preferences[Name]) => void };

  constructor(preferences: PreferenceStore, view: View) {
    this.#preferences = preferences;
    const setWheel = (): void => {
      view.wheel = { speed: preferences.get('wheelSpeed'), isReversed: preferences.get('wheelReversed') };
    };
    this.#effects = {
      scaleMode: (mode) => {
        view.scaleMode = mode;
      },
      matchWindow: (isOn) => {
        view.matchesWindow = isOn;
      },
      desktopScale: (scale) => {
        view.desktopScale = scale;
      },
      touchMode: (mode) => {
        view.touchMode = mode;
      },
      picture: (settings) => {
        view.picture = settings;
      },
      wheelSpeed: setWheel,
      wheelReversed: setWheel,
      viewOnly: (isOn) => {
        view.isViewOnly = isOn;
      },
      commandIsControl: (isControl) => {
        view.isCommandControl = isControl;
      },
    };
  }

  get<Name extends keyof Preferences>(name: Name): Preferences[Name] {
    return this.#preferences.get(name);
  }

  set<Name extends keyof Preferences>(name: Name, choice: Preferences[Name]): void {
    this.#preferences.set(name, choice);
    this.#carryOut(name);
  }

  carryOutAll(): void {
    for (const name of Object.keys(this.#effects) as (keyof Preferences)[]) this.#carryOut(name);
  }

  #carryOut<Name extends keyof Preferences>(name: Name): void {
    this.#effects[name]?.(this.get(name));
  }
}
