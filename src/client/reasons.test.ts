import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { TAKEN_OVER } from '../session/exclusivity.ts';
import * as farewells from '../session/farewells.ts';
import { KNOWN_REASONS, sayReason } from './reasons.ts';
import { setLanguage } from './text/texts.ts';

afterEach(() => void setLanguage([]));

test('the page has each sentence in its languages with which the session ends a viewer', () => {
  for (const sentence of [TAKEN_OVER, ...Object.values(farewells)])
    assert.ok(Object.hasOwn(KNOWN_REASONS, sentence), sentence);
});

test('a known reason is said in the page’s language, and any other one as a sentence', () => {
  setLanguage(['de']);
  assert.equal(sayReason(farewells.USER_REMOVED), 'Dieser Benutzer wurde entfernt.');
  assert.equal(sayReason('The server is stopping'), 'Der Server wird beendet.');
  assert.equal(sayReason(' lunch break '), 'Lunch break.');
  assert.equal(sayReason('constructor'), 'Constructor.');
  assert.equal(sayReason(''), '');
});
