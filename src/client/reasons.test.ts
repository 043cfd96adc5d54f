import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { TAKEN_OVER } from '../session/exclusivity.ts';
import * as farewells from '../session/farewells.ts';
import { KNOWN_REASONS, sayFault, sayReason } from './reasons.ts';
import { loadLanguage } from './text/texts.ts';

afterEach(() => loadLanguage([]));

test('the page has each sentence in its languages with which the session ends a viewer', () => {
  for (const sentence of [TAKEN_OVER, ...Object.values(farewells)])
    assert.ok(Object.hasOwn(KNOWN_REASONS, sentence), sentence);
});

test('the page has each sentence in its languages with which it ends a connection itself', async () => {
  const source = readFileSync(join(import.meta.dirname, 'connection.ts'), 'utf8');
  const sentences = [...source.matchAll(/#fail\('([^']+)'\)/g)].map(([, sentence]) => sentence!);
  assert.ok(sentences.length > 1);
  for (const sentence of sentences) assert.ok(Object.hasOwn(KNOWN_REASONS, sentence), sentence);
  await loadLanguage(['fr']);
  for (const sentence of sentences) assert.notEqual(sayFault(sentence), sentence);
  assert.match(sayFault('unknown rect'), /^La page n’a pas pu lire .* Unknown rect\.$/);
  assert.equal(sayFault(''), '');
});

test('a known reason is said in the page’s language, and any other one as a sentence', async () => {
  await loadLanguage(['de']);
  assert.equal(sayReason(farewells.USER_REMOVED), 'Dieser Benutzer wurde entfernt.');
  assert.equal(sayReason('The server is stopping'), 'Der Server wird beendet.');
  assert.equal(sayReason(' lunch break '), 'Lunch break.');
  assert.equal(sayReason('constructor'), 'Constructor.');
  assert.equal(sayReason(''), '');
});
