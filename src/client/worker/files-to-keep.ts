import { chooseLanguage } from '../text/language.ts';

/** A file with the texts of one language, such as `texts-de-K3J5QZ7A.js` or `owner-texts-de-8QJ2M4XA.js`. */
const TEXTS = /^(?:[a-z]+-)?texts-([a-z]{2})-/;

/** Returns the files that the browser keeps: of those with texts, the ones in the user's language. */
export function filesToKeep(files: readonly string[], languages: readonly string[]): string[] {
  const language = chooseLanguage(languages);
  return files.filter((name) => (TEXTS.exec(name)?.[1] ?? language) === language);
}
