import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { preparedTest } from '../../../test/support/prepared-test.ts';
import { barText, loadBarTexts } from './bar-texts.ts';
import { chooseLanguage, LANGUAGES } from './language.ts';
import { loadOwnerTexts, ownerTextsOf } from './owner-texts.ts';
import { loadLanguage, shownLanguage, text } from './texts.ts';

const test = preparedTest((t) => t.after(() => loadLanguage([])));

type Table = { readonly [name: string]: string | Table };

/** Each text of a table, by its name. */
function linesOf(table: Table, prefix = ''): ReadonlyMap<string, string> {
  const lines = Object.entries(table).flatMap(([name, entry]) =>
    typeof entry === 'string'
      ? [[`${prefix}${name}`, entry] as const]
      : [...linesOf(entry, `${prefix}${name}.`)],
  );
  return new Map(lines);
}

/** The table of a file of this folder. Each of them has one. */
const tableOf = async (file: string): Promise<ReadonlyMap<string, string>> =>
  linesOf(Object.values((await import(`./${file}.ts`)) as Record<string, Table>)[0]!);

test('the first language of the user that the page has is taken, and English otherwise', () => {
  assert.equal(chooseLanguage(['pt-BR', 'fr-CA', 'de']), 'fr');
  assert.equal(chooseLanguage(['JA']), 'ja');
  assert.equal(chooseLanguage(['x', 'zh-Hans']), 'en');
  assert.equal(chooseLanguage([]), 'en');
});

test('every text exists in every language, with the same values in it', async () => {
  const files = readdirSync(import.meta.dirname).filter((name) => /texts-\w+\.ts$/.test(name));
  const kinds = new Set(files.map((name) => name.replace(/-\w+\.ts$/, '')));
  assert.deepEqual([...kinds].sort(), ['bar-texts', 'fleet-texts', 'owner-texts', 'texts']);
  assert.equal(files.length, kinds.size * LANGUAGES.length);
  // A language may say a name twice where another one has a pronoun.
  const valuesOf = (line: string): string[] => [...new Set(line.match(/\{\w+\}/g))].sort();
  for (const kind of kinds) {
    const english = await tableOf(`${kind}-en`);
    assert.ok(english.size > 15, kind);
    for (const language of LANGUAGES) {
      const table = await tableOf(`${kind}-${language}`);
      assert.deepEqual([...table.keys()].sort(), [...english.keys()].sort(), `${kind}-${language}`);
      for (const [name, line] of table) {
        assert.notEqual(line.trim(), '', `${kind}-${language} ${name}`);
        assert.deepEqual(valuesOf(line), valuesOf(english.get(name)!), `${kind}-${language} ${name}`);
      }
    }
  }
});

test('every language says most texts in words of its own', async () => {
  for (const kind of ['texts', 'bar-texts', 'fleet-texts', 'owner-texts']) {
    const english = await tableOf(`${kind}-en`);
    for (const language of LANGUAGES.filter((tag) => tag !== 'en')) {
      const table = await tableOf(`${kind}-${language}`);
      const same = [...table].filter(([name, line]) => english.get(name) === line);
      assert.ok(same.length < english.size / 8, `${language}: ${same.map(([name]) => name)}`);
    }
  }
});

test('a text has its values in it, in the language that was loaded', async () => {
  assert.equal(text('retryIn', { seconds: 3 }), 'Trying again in 3 seconds');
  assert.equal(await loadLanguage(['de-AT', 'en']), 'de');
  assert.equal(shownLanguage(), 'de');
  assert.equal(text('retryIn', { seconds: 3 }), 'Neuer Versuch in 3 Sekunden');
  assert.equal(await loadLanguage(['en']), 'en');
  assert.equal(text('retryIn', { seconds: 3 }), 'Trying again in 3 seconds');
});

test('the toolbar has its own texts and those of the page, in the language that was loaded', async () => {
  assert.equal(barText('fit'), 'Fit into the window');
  assert.equal(await loadLanguage(['de']), 'de');
  await loadBarTexts();
  assert.equal(barText('fit'), 'In das Fenster einpassen');
  assert.equal(barText('connected'), 'Verbunden');
  await loadLanguage([]);
  await loadBarTexts();
  assert.equal(barText('fit'), 'Fit into the window');
});

test('the texts of owners’ panels are there once they are loaded', async () => {
  const refusal = ownerTextsOf('refusal');
  assert.throws(() => refusal('busy'), /not loaded/);
  await loadOwnerTexts();
  assert.match(refusal('other', { detail: 'No such moon.' }), /No such moon\./);
});
