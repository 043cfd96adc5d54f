import assert from 'node:assert/strict';
import { preparedTest } from '../../../test/support/prepared-test.ts';
import { chooseLanguage, LANGUAGES } from './language.ts';
import { setLanguage, TEXTS, text } from './texts.ts';

const test = preparedTest((t) => t.after(() => setLanguage([])));

test('the first language of the user that the page has is taken, and English otherwise', () => {
  assert.equal(chooseLanguage(['pt-BR', 'fr-CA', 'de']), 'fr');
  assert.equal(chooseLanguage(['JA']), 'ja');
  assert.equal(chooseLanguage(['x', 'zh-Hans']), 'en');
  assert.equal(chooseLanguage([]), 'en');
});

test('every text exists in every language, with the same values in it', () => {
  const valuesOf = (line: string): string[] => [...line.matchAll(/\{\w+\}/g)].map(([value]) => value).sort();
  for (const [name, lines] of Object.entries(TEXTS)) {
    assert.equal(lines.length, LANGUAGES.length, name);
    for (const line of lines) {
      assert.notEqual(line.trim(), '', name);
      assert.deepEqual(valuesOf(line), valuesOf(lines[0]), name);
    }
  }
});

test('a text has its values in it, in the language that was set', () => {
  assert.equal(text('retryIn', { seconds: 3 }), 'Trying again in 3 seconds');
  assert.equal(setLanguage(['de-AT', 'en']), 'de');
  assert.equal(text('retryIn', { seconds: 3 }), 'Neuer Versuch in 3 Sekunden');
});
