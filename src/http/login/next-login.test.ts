import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Candidate,
  KNOWN_PLACES,
  nextLogin,
  placeFor,
  STRANGER_PLACES,
  type WaitingLogin,
} from './next-login.ts';

type Waiting = WaitingLogin & { readonly number: number };

const login = (share: string, number = 0, isKnown = false): Waiting => ({ share, number, isKnown });
const many = (count: number, share: string, isKnown = false): Waiting[] =>
  Array.from({ length: count }, (_, i) => login(share, i, isKnown));

test('all places may go to one address while no other wants one', () => {
  assert.equal(placeFor(login('a'), many(STRANGER_PLACES - 1, 'a')).kind, 'free');
  assert.equal(placeFor(login('a'), many(STRANGER_PLACES, 'a')).kind, 'none');
});

test('if all places are taken, a newcomer gets the last one of the address that has most', () => {
  const waiting = [...many(STRANGER_PLACES - 12, 'a'), ...many(12, 'b')];
  const place = placeFor(login('c'), waiting);
  assert.deepEqual(place.kind === 'of' && [place.login.share, place.login.number], [
    'a',
    STRANGER_PLACES - 13,
  ]);
  const one = Array.from({ length: STRANGER_PLACES }, (_, i) => login(`address ${i}`));
  assert.equal(placeFor(login('c'), one).kind, 'none', 'each has one');
});

test('known callers have places that strangers cannot take, and strangers those that known callers cannot', () => {
  const strangers = many(STRANGER_PLACES, 'a');
  const known = many(KNOWN_PLACES, 'k', true);
  assert.equal(placeFor(login('a', 0, true), strangers).kind, 'free');
  assert.equal(placeFor(login('b'), known).kind, 'free');
  assert.equal(placeFor(login('k', 0, true), known).kind, 'none');
});

const candidate = (name: string, part: Partial<Candidate<string>> = {}): Candidate<string> => ({
  login: name,
  isKnown: false,
  isReady: true,
  lastCheck: 0,
  ...part,
});

test('logins of one caller are checked in the order of arrival, without those whose budget is spent', () => {
  assert.equal(nextLogin([candidate('a1'), candidate('a2')], false), 'a1');
  assert.equal(nextLogin([candidate('a1', { isReady: false }), candidate('a2')], false), 'a2');
  assert.equal(nextLogin([candidate('a1', { isReady: false })], false), undefined);
  assert.equal(nextLogin([], false), undefined);
});

test('the caller whose last check is longest ago comes first', () => {
  const waiting = [
    candidate('a', { lastCheck: 7 }),
    candidate('b', { lastCheck: 3 }),
    candidate('c', { lastCheck: 3 }),
  ];
  assert.equal(nextLogin(waiting, false), 'b');
  assert.equal(nextLogin([...waiting, candidate('d')], false), 'd');
});

test('known callers and strangers take turns', () => {
  const waiting = [candidate('stranger'), candidate('known', { isKnown: true, lastCheck: 9 })];
  assert.equal(nextLogin(waiting, false), 'known');
  assert.equal(nextLogin(waiting, true), 'stranger');
  assert.equal(nextLogin(waiting.slice(0, 1), false), 'stranger');
});
