import type { TouchMode } from './input/touch/gestures.ts';
import { formatPicture, type PictureSettings, parsePicture } from './picture-settings.ts';
import type { ScaleMode } from './render/geometry.ts';
import { type Dock, formatDock, parseDock } from './ui/dock.ts';
import { DESKTOP_SCALES, type DesktopScale } from './view/desktop-scale.ts';

/** What the user has chosen in the page. */
export interface Preferences {
  readonly scaleMode: ScaleMode;
  readonly matchWindow: boolean;
  readonly desktopScale: DesktopScale;
  readonly touchMode: TouchMode;
  readonly picture: PictureSettings;
  /** Factor of the wheel's distances, 0.25 to 4. */
  readonly wheelSpeed: number;
  readonly wheelReversed: boolean;
  readonly commandIsControl: boolean;
  readonly dock: Dock;
  readonly barHidden: boolean;
  /** Whether no keys and clicks are sent. */
  readonly viewOnly: boolean;
}

/** How a choice is kept as text. What was kept and is no choice reads as the first one. */
interface Form<Choice> {
  read(text: string): Choice;
  write(choice: Choice): string;
}

const oneOf = <Choice>(...choices: readonly [Choice, ...Choice[]]): Form<Choice> => ({
  read: (text) => choices.find((choice) => String(choice) === text) ?? choices[0],
  write: String,
});

const numberIn = (least: number, most: number, first: number): Form<number> => ({
  read: (text) => (text !== '' && Number(text) >= least && Number(text) <= most ? Number(text) : first),
  write: String,
});

const FORMS: { readonly [Name in keyof Preferences]: Form<Preferences[Name]> } = {
  scaleMode: oneOf<ScaleMode>('fit', 'actual'),
  matchWindow: oneOf(false, true),
  desktopScale: oneOf<DesktopScale>(...DESKTOP_SCALES),
  touchMode: oneOf<TouchMode>('direct', 'touchpad'),
  picture: { read: parsePicture, write: formatPicture },
  wheelSpeed: numberIn(0.25, 4, 1),
  wheelReversed: oneOf(false, true),
  commandIsControl: oneOf(true, false),
  dock: { read: parseDock, write: formatDock },
  barHidden: oneOf(false, true),
  viewOnly: oneOf(false, true),
};

/**
 * Keeps the user's choices in the browser, for each server: the page's folder is part of the key, because one host may
 * have several desktops. The first of the choices holds where nothing else was chosen, or the browser keeps nothing.
 */
export class PreferenceStore {
  readonly #storage: () => Storage;
  readonly #prefix: string;
  /** What was read or chosen since the page was loaded. */
  readonly #known: { -readonly [Name in keyof Preferences]?: Preferences[Name] } = {};

  /** `storage` throws where the browser forbids it, such as in a frame of another site. */
  constructor(baseUrl: URL, storage: () => Storage = () => localStorage) {
    this.#prefix = `deskwire ${baseUrl.pathname} `;
    this.#storage = storage;
  }

  get<Name extends keyof Preferences>(name: Name): Preferences[Name] {
    const known = this.#known[name];
    if (known !== undefined) return known as Preferences[Name];
    const read = this.#read(name);
    this.override(name, read);
    return read;
  }

  /** Keeps a choice. */
  set<Name extends keyof Preferences>(name: Name, choice: Preferences[Name]): void {
    this.#known[name] = choice;
    try {
      this.#storage().setItem(this.#prefix + name, FORMS[name].write(choice));
    } catch {
      // The choice holds until the page is left.
    }
  }

  /** Takes a choice for this visit only. */
  override<Name extends keyof Preferences>(name: Name, choice: Preferences[Name]): void {
    this.#known[name] = choice;
  }

  #read<Name extends keyof Preferences>(name: Name): Preferences[Name] {
    let kept: string | null = null;
    try {
      kept = this.#storage().getItem(this.#prefix + name);
    } catch {
      // Nothing was kept.
    }
    return FORMS[name].read(kept ?? '');
  }
}
