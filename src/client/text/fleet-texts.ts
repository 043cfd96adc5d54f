import { FLEET_TEXTS, type FleetTextName, type FleetTexts } from './fleet-texts-en.ts';
import type { Language } from './language.ts';
import { shownLanguage, type Values, withValues } from './texts.ts';

export type { FleetTextName };

/** The other languages. English is what is shown if a file cannot be loaded. */
const FILES: Readonly<Record<Exclude<Language, 'en'>, () => Promise<{ readonly FLEET_TEXTS: FleetTexts }>>> =
  {
    de: () => import('./fleet-texts-de.ts'),
    fr: () => import('./fleet-texts-fr.ts'),
    es: () => import('./fleet-texts-es.ts'),
    ja: () => import('./fleet-texts-ja.ts'),
  };

let texts: FleetTexts = FLEET_TEXTS;

/** Loads the texts of the list of desktops in the language that the page shows. */
export async function loadFleetTexts(): Promise<void> {
  const language = shownLanguage();
  const loaded = language === 'en' ? undefined : await FILES[language]().catch(() => undefined);
  texts = loaded?.FLEET_TEXTS ?? FLEET_TEXTS;
}

/** Returns a text in the page's language. */
export const fleetText = (name: FleetTextName, values: Values = {}): string =>
  withValues(texts[name], values);
