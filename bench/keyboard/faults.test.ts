import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findFaults, firstDifference } from './faults.ts';

const NONE = { lost: 0, swapped: 0, doubled: 0, other: 0 };
const TYPED = 'abcdefghijklmnop';

for (const [name, got, faults] of [
  ['the same text', TYPED, {}],
  ['a lost character', 'abcdefgijklmnop', { lost: 1 }],
  ['a lost end', 'abcdefghijkl', { lost: 4 }],
  ['nothing', '', { lost: 16 }],
  ['a swapped pair', 'abdcefghijklmnop', { swapped: 1 }],
  ['a swapped pair at the end', 'abcdefghijklmnpo', { swapped: 1 }],
  ['a doubled character', 'abcdeefghijklmnop', { doubled: 1 }],
  ['a doubled word', 'abcdefdefghijklmnop', { doubled: 3 }],
  ['another character', 'abcXefghijklmnop', { other: 1 }],
  ['a character that was not typed', 'abcXdefghijklmnop', { other: 1 }],
  ['several faults', 'acdeffghijklmonp', { lost: 1, doubled: 1, swapped: 1 }],
] as const) {
  test(`the faults of a text that arrived as ${name} are counted`, () => {
    assert.deepEqual(findFaults(TYPED, got), { ...NONE, ...faults });
  });
}

test('the first difference of two texts is shown with what is around it', () => {
  assert.equal(firstDifference('abc', 'abc'), undefined);
  assert.equal(firstDifference('abcd', 'abXd'), 'from character 3 on, "abcd" came as "abXd"; 4 of 4 came');
  assert.equal(
    firstDifference(`${'a'.repeat(20)}bcd`, 'a'.repeat(20)),
    'from character 21 on, "aaaaaaaabcd" came as "aaaaaaaa"; 20 of 23 came',
  );
});
