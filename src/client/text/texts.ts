import { chooseLanguage, type Language } from './language.ts';
import { TEXTS, type TextName, type Texts } from './texts-en.ts';

export type { TextName };

/**
 * The other languages, each in a file of its own, of which the page loads the one that it needs. English is part of the
 * page: it is what is shown if a file cannot be loaded. Texts of the toolbar and of panels come with these.
 */
const FILES: Readonly<Record<Exclude<Language, 'en'>, () => Promise<{ readonly TEXTS: Texts }>>> = {
  de: () => import('./texts-de.ts'),
  fr: () => import('./texts-fr.ts'),
  es: () => import('./texts-es.ts'),
  ja: () => import('./texts-ja.ts'),
};

let language: Language = 'en';
let texts: Texts = TEXTS;

/** What takes the place of `{name}` in a text. */
export type Values = Readonly<Record<string, string | number>>;

/** Loads the user's language for all texts from now on. Resolves with the one that is shown, for the page's `lang`. */
export async function loadLanguage(wanted: readonly string[]): Promise<Language> {
  const chosen = chooseLanguage(wanted);
  const loaded = chosen === 'en' ? { TEXTS } : await FILES[chosen]().catch(() => undefined);
  language = loaded ? chosen : 'en';
  texts = loaded?.TEXTS ?? TEXTS;
  return language;
}

/** The language that is shown. */
export const shownLanguage = (): Language => language;

/** Puts values into a text. A place without a value stays. */
export const withValues = (line: string, values: Values): string =>
  line.replace(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole));

/** Returns a text in the page's language. */
export const text = (name: TextName, values: Values = {}): string => withValues(texts[name], values);
