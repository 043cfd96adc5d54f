import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { editBetween } from './live-field.ts';

test('an edit deletes what has changed and types the rest', () => {
  for (const [before, after, removed, added] of [
    ['', 'a', 0, 'a'],
    ['teh', 'the', 2, 'he'],
    ['ab', 'a', 1, ''],
    ['hello', 'hello', 0, ''],
    ['a😀', 'a', 1, ''],
    ['a😀', 'a😁', 1, '😁'],
    ['word', '', 4, ''],
  ] as const) {
    assert.deepEqual(editBetween(before, after), { removed, added }, `${before} to ${after}`);
  }
});

test('an edit makes one text of the other', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (before, after) => {
      const { removed, added } = editBetween(before, after);
      const kept = [...before].slice(0, [...before].length - removed).join('');
      assert.equal(kept + added, after);
    }),
  );
});
