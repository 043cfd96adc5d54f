import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { preparedTest } from '../../../test/support/prepared-test.ts';
import { chooseLanguage, LANGUAGES } from './language.ts';
import type { TextTable } from './text-table.ts';
import { setLanguage, text } from './texts.ts';

const test = preparedTest((t) => t.after(() => setLanguage([])));

/** The tables of this folder, by file. Each file has one. */
const TABLES: ReadonlyMap<string, TextTable> = new Map(
  await Promise.all(
    readdirSync(import.meta.dirname)
      .filter((file) => file.endsWith('-texts.ts'))
      .map(async (file) => {
        const [table] = Object.values((await import(`./${file}`)) as Record<string, TextTable>);
        return [file, table!] as const;
      }),
  ),
);

test('the first language of the user that the page has is taken, and English otherwise', () => {
  assert.equal(chooseLanguage(['pt-BR', 'fr-CA', 'de']), 'fr');
  assert.equal(chooseLanguage(['JA']), 'ja');
  assert.equal(chooseLanguage(['x', 'zh-Hans']), 'en');
  assert.equal(chooseLanguage([]), 'en');
});

test('every text exists in every language, with the same values in it', () => {
  assert.ok(TABLES.size >= 3);
  // A language may say a name twice where another one has a pronoun.
  const valuesOf = (line: string): string[] => [...new Set(line.match(/\{\w+\}/g))].sort();
  for (const [file, table] of TABLES) {
    for (const [name, lines] of Object.entries(table)) {
      assert.equal(lines.length, LANGUAGES.length, `${file} ${name}`);
      for (const line of lines) {
        assert.notEqual(line.trim(), '', `${file} ${name}`);
        assert.deepEqual(valuesOf(line), valuesOf(lines[0]), `${file} ${name}`);
      }
    }
  }
});

test('a text has its values in it, in the language that was set', () => {
  assert.equal(text('retryIn', { seconds: 3 }), 'Trying again in 3 seconds');
  assert.equal(setLanguage(['de-AT', 'en']), 'de');
  assert.equal(text('retryIn', { seconds: 3 }), 'Neuer Versuch in 3 Sekunden');
});
