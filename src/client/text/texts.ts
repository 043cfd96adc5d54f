import { chooseLanguage, LANGUAGES } from './language.ts';
import { PANEL_TEXTS } from './panel-texts.ts';
import { SIGN_IN_TEXTS } from './sign-in-texts.ts';
import { STATE_TEXTS } from './state-texts.ts';

/** Each text of the page. */
export const TEXTS = { ...STATE_TEXTS, ...SIGN_IN_TEXTS, ...PANEL_TEXTS };

export type TextName = keyof typeof TEXTS;

let column = 0;

/** Sets the language of all texts from now on. Returns it, for the page's `lang`. */
export function setLanguage(wanted: readonly string[]): string {
  const language = chooseLanguage(wanted);
  column = LANGUAGES.indexOf(language);
  return language;
}

/** Returns a text in the page's language. */
export function text(name: TextName, values: Readonly<Record<string, string | number>> = {}): string {
  return TEXTS[name][column]!.replace(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole));
}
