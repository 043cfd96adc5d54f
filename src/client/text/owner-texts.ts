import type { Language } from './language.ts';
import type { OwnerTexts } from './owner-texts-en.ts';
import { shownLanguage, type Values, withValues } from './texts.ts';

/** The languages of panels that most users do not open. One of them is loaded with the first such panel. */
const FILES: Readonly<Record<Language, () => Promise<{ readonly OWNER_TEXTS: OwnerTexts }>>> = {
  en: () => import('./owner-texts-en.ts'),
  de: () => import('./owner-texts-de.ts'),
  fr: () => import('./owner-texts-fr.ts'),
  es: () => import('./owner-texts-es.ts'),
  ja: () => import('./owner-texts-ja.ts'),
};

let texts: OwnerTexts | undefined;

/** Loads the texts of these panels in the language that the page shows. Each of the panels waits for it. */
export async function loadOwnerTexts(): Promise<void> {
  texts ??= (await FILES[shownLanguage()]()).OWNER_TEXTS;
}

/** Returns a function that gives the texts of one panel. It throws before `loadOwnerTexts`. */
export const ownerTextsOf =
  <Panel extends keyof OwnerTexts>(panel: Panel) =>
  (name: keyof OwnerTexts[Panel], values: Values = {}): string => {
    if (texts === undefined) throw new Error('The texts of this panel are not loaded.');
    return withValues(texts[panel][name] as string, values);
  };
