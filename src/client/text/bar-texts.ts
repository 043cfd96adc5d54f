import { BAR_TEXTS, type BarTexts } from './bar-texts-en.ts';
import type { Language } from './language.ts';
import { shownLanguage, type TextName, text, type Values, withValues } from './texts.ts';

/** Names of the texts of the toolbar and its panels, and of those that the page always has. */
export type BarTextName = keyof BarTexts | TextName;

/** The other languages. English is what is shown if a file cannot be loaded. */
const FILES: Readonly<Record<Exclude<Language, 'en'>, () => Promise<{ readonly BAR_TEXTS: BarTexts }>>> = {
  de: () => import('./bar-texts-de.ts'),
  fr: () => import('./bar-texts-fr.ts'),
  es: () => import('./bar-texts-es.ts'),
  ja: () => import('./bar-texts-ja.ts'),
};

let texts: BarTexts = BAR_TEXTS;

/** Loads the texts of the toolbar in the language that the page shows. */
export async function loadBarTexts(): Promise<void> {
  const language = shownLanguage();
  const loaded = language === 'en' ? undefined : await FILES[language]().catch(() => undefined);
  texts = loaded?.BAR_TEXTS ?? BAR_TEXTS;
}

const isOfBar = (name: BarTextName): name is keyof BarTexts => Object.hasOwn(texts, name);

/** Returns a text in the page's language. */
export const barText = (name: BarTextName, values: Values = {}): string =>
  isOfBar(name) ? withValues(texts[name], values) : text(name, values);
