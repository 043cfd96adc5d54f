import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foreignText, typableText } from './texts.ts';

/** More than there are spare keycodes. */
const OTHERS = 250;

test('until a foreign character comes again, more others come than there are spare keycodes', () => {
  const characters = Array.from(foreignText(10_000)).filter((character) => character !== '\n');
  const at = new Map<string, number>();
  for (const [i, character] of characters.entries()) {
    const last = at.get(character);
    assert.ok(last === undefined || i - last > OTHERS, `${character} at ${last} and ${i}`);
    at.set(character, i);
  }
  assert.ok(!characters.some((character) => character < '\u0100'));
});

test('a text for keyboards with an English and a Russian layout has letters and digits of both', () => {
  const text = typableText(1000);
  assert.equal(text.length, 1000);
  assert.match(text, /^[A-Za-z0-9а-я\n]*$/);
});
