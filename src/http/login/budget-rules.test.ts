import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  balanceAt,
  budgetsOf,
  fullBalance,
  type LoginAttempt,
  msUntil,
  withOneLess,
  withOneMore,
} from './budget-rules.ts';

const ADA: LoginAttempt = { name: 'ada', address: '10.0.0.1', isKnownAddress: false, browser: undefined };
const keysOf = (attempt: Partial<LoginAttempt>): string[] =>
  budgetsOf({ ...ADA, ...attempt }).map(({ key }) => key);

test('a stranger’s login draws from the budgets of the pair, of the address and of the name', () => {
  assert.deepEqual(
    budgetsOf(ADA).map(({ name, address }) => [name, address]),
    [
      ['ada', '10.0.0.1'],
      [undefined, '10.0.0.1'],
      ['ada', undefined],
    ],
  );
  const shared = (other: Partial<LoginAttempt>): number => {
    const keys = keysOf(ADA);
    return keysOf(other).filter((key) => keys.includes(key)).length;
  };
  assert.equal(shared({ name: 'eve' }), 1, 'the address');
  assert.equal(shared({ address: '10.0.0.2' }), 1, 'the name');
  assert.equal(shared({ name: 'eve', address: '10.0.0.2' }), 0);
});

test('a login from a known address or a known browser draws only from a budget that strangers have no part in', () => {
  const reserves = [
    keysOf({ isKnownAddress: true }),
    keysOf({ browser: '1' }),
    keysOf({ browser: '2' }),
    keysOf({ browser: '1', isKnownAddress: true }),
  ];
  for (const keys of reserves) {
    assert.equal(keys.length, 1);
    assert.ok(!keysOf({}).includes(keys[0]!));
  }
  assert.equal(new Set(reserves.flat()).size, 3, 'a browser is the same at each address');
  assert.ok(budgetsOf({ ...ADA, isKnownAddress: true })[0]!.rule.capacity > budgetsOf(ADA)[0]!.rule.capacity);
});

test('names and addresses with the same characters in another order have different budgets', () => {
  assert.notDeepEqual(keysOf({ name: 'a","b', address: 'c' }), keysOf({ name: 'a', address: 'b","c' }));
});

test('a budget pays for its capacity at once, then for one login in each interval', () => {
  const rule = { capacity: 3, intervalMs: 1000 };
  let balance = fullBalance(rule, 0);
  for (let i = 0; i < 3; i++) {
    assert.equal(msUntil(1, balance, rule), 0);
    balance = withOneLess(balance);
  }
  assert.equal(msUntil(1, balance, rule), 1000);
  assert.equal(msUntil(3, balance, rule), 3000);
  balance = balanceAt(balance, rule, 600);
  assert.equal(msUntil(1, balance, rule), 400);
  balance = balanceAt(balance, rule, 1000);
  assert.equal(msUntil(1, balance, rule), 0);
  assert.deepEqual([balance.failures, balance.wasSpent], [3, true]);
  assert.deepEqual(
    balanceAt(balance, rule, 3000),
    fullBalance(rule, 3000),
    'failures are forgotten when it is full',
  );
});

test('a token that is given back does not count as a failure, and a budget never has more than its capacity', () => {
  const rule = { capacity: 2, intervalMs: 1000 };
  const balance = withOneMore(withOneLess(fullBalance(rule, 0)), rule);
  assert.deepEqual([balance.tokens, balance.failures], [2, 0]);
  assert.equal(withOneMore(balance, rule).tokens, 2);
});
