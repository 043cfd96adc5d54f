import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admit } from './exclusivity.ts';

const [ada, eve, eveAgain] = [{ user: 'ada' }, { user: 'eve' }, { user: 'eve' }];
const shared = { isExclusive: false, newcomerTakesOver: true };
const firstStays = { isExclusive: true, newcomerTakesOver: false };
const takesOver = { isExclusive: true, newcomerTakesOver: true };

for (const [what, rule, viewers, ends] of [
  ['an empty shared session', shared, [], []],
  ['a shared session of others', shared, [ada, eve], []],
  ['an empty exclusive session', firstStays, [], []],
  ['an exclusive session of another user', firstStays, [ada], undefined],
  ['an exclusive session of the own user', firstStays, [eve, eveAgain], [eve, eveAgain]],
  ['an exclusive session of another user that can be taken over', takesOver, [ada], [ada]],
  ['an exclusive session of the own user that can be taken over', takesOver, [eve], [eve]],
] as const) {
  const outcome = ends === undefined ? 'is refused' : `ends ${ends.length} of ${viewers.length} viewers`;
  test(`a newcomer to ${what} ${outcome}`, () => {
    const expected = ends === undefined ? { kind: 'refused' } : { kind: 'admitted', ends };
    assert.deepEqual(admit(rule, 'eve', viewers), expected);
  });
}
