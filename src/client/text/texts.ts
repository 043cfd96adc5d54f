import { chooseLanguage, LANGUAGES } from './language.ts';
import { SIGN_IN_TEXTS } from './sign-in-texts.ts';
import { STATE_TEXTS } from './state-texts.ts';
import type { TextTable } from './text-table.ts';

/** The texts that the page always has. What is loaded later brings tables of its own. */
const TEXTS = { ...STATE_TEXTS, ...SIGN_IN_TEXTS };

export type TextName = keyof typeof TEXTS;

let column = 0;

/** Sets the language of all texts from now on. Returns it, for the page's `lang`. */
export function setLanguage(wanted: readonly string[]): string {
  const language = chooseLanguage(wanted);
  column = LANGUAGES.indexOf(language);
  return language;
}

/** What takes the place of `{name}` in a text. */
type Values = Readonly<Record<string, string | number>>;

/** Returns a function that gives the texts of a table in the page's language. A place without a value stays. */
export function textsOf<Table extends TextTable>(
  table: Table,
): (name: keyof Table, values?: Values) => string {
  return (name, values = {}) =>
    table[name]![column]!.replace(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole));
}

/** Returns a text in the page's language. */
export const text = textsOf(TEXTS);
