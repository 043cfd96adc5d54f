import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Candidate,
  KNOWN_PLACES,
  nextLogin,
  PLACES_ON_SPENT_BUDGET,
  placeFor,
  STRANGER_PLACES,
  type WaitingLogin,
  withoutPlace,
} from './next-login.ts';

type Waiting = WaitingLogin & { readonly number: number };

const login = (share: string, number = 0, isKnown = false, pair = `${share} ${number}`): Waiting => ({
  share,
  number,
  isKnown,
  pair,
});
const many = (count: number, share: string, isKnown = false): Waiting[] =>
  Array.from({ length: count }, (_, i) => login(share, i, isKnown));

test('all places may go to one address while no other wants one', () => {
  assert.equal(placeFor(login('a'), many(STRANGER_PLACES - 1, 'a'), false).kind, 'free');
  assert.deepEqual(placeFor(login('a'), many(STRANGER_PLACES, 'a'), false), {
    kind: 'none',
    reason: 'all places taken',
  });
});

test('if all places are taken, a newcomer gets the last one of the address that has most', () => {
  const waiting = [...many(STRANGER_PLACES - 12, 'a'), ...many(12, 'b')];
  const place = placeFor(login('c'), waiting, false);
  assert.deepEqual(place.kind === 'of' && [place.login.share, place.login.number], [
    'a',
    STRANGER_PLACES - 13,
  ]);
  const one = Array.from({ length: STRANGER_PLACES }, (_, i) => login(`address ${i}`));
  assert.equal(placeFor(login('c'), one, false).kind, 'none', 'each has one');
});

test('known callers have places that strangers cannot take, and strangers those that known callers cannot', () => {
  const strangers = many(STRANGER_PLACES, 'a');
  const known = many(KNOWN_PLACES, 'k', true);
  assert.equal(placeFor(login('a', 0, true), strangers, false).kind, 'free');
  assert.equal(placeFor(login('b'), known, false).kind, 'free');
  assert.equal(placeFor(login('k', 0, true), known, false).kind, 'none');
});

test('few logins of a name and an address may wait for their spent budget, and those of other names may', () => {
  const line = many(PLACES_ON_SPENT_BUDGET, 'a').map((one) => ({ ...one, pair: 'fred@a' }));
  const fred = login('a', 0, false, 'fred@a');
  assert.deepEqual(placeFor(fred, line, true), { kind: 'none', reason: 'budget spent' });
  assert.equal(placeFor(fred, line.slice(1), true).kind, 'free');
  assert.equal(placeFor(fred, line, false).kind, 'free');
  assert.equal(placeFor(login('a', 0, false, 'eve@a'), line, true).kind, 'free');
});

test('when a budget is spent, the last logins of its name and address lose their places', () => {
  const fred = Array.from({ length: PLACES_ON_SPENT_BUDGET + 2 }, (_, i) => login('a', i, false, 'fred@a'));
  const [first, ...others] = fred;
  const late = withoutPlace('fred@a', [first!, login('a', 9), ...others]);
  assert.deepEqual(
    late.map(({ number }) => number),
    [PLACES_ON_SPENT_BUDGET, PLACES_ON_SPENT_BUDGET + 1],
  );
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
