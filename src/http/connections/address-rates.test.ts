import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressRates, connectRate } from './address-rates.ts';
import { CONNECTION_LIMITS } from './connection-limits.ts';

/** How many of `count` new connections of an address are admitted. */
const admitted = (rates: AddressRates, count: number, block: string | undefined): number =>
  Array.from({ length: count }, () => rates.admits(block)).filter(Boolean).length;

const atOnce = (limits: Parameters<typeof connectRate>[0]): AddressRates =>
  new AddressRates(connectRate(limits), () => 0);

test('an address connects as often as its burst allows, then at its rate, and holds up no other address', () => {
  let nowMs = 0;
  const rates = new AddressRates({ perSecond: 10, burst: 30 }, () => nowMs);
  assert.equal(admitted(rates, 50, 'a'), 30);
  assert.equal(admitted(rates, 1, 'b'), 1);
  nowMs = 500;
  assert.equal(admitted(rates, 50, 'a'), 5);
});

test('connections of a trusted proxy are not limited by their rate', () => {
  assert.equal(admitted(new AddressRates({ perSecond: 1, burst: 1 }), 100, undefined), 100);
});

test('an address may always make as many connections as it may have, and lose and make them all once more', () => {
  assert.equal(admitted(atOnce({ ...CONNECTION_LIMITS, connectionsOfAddress: 5000 }), 20_000, 'a'), 10_000);
});

test('a class of 100 behind one router opens 600 connections at once, and loses and opens them twice more', () => {
  assert.equal(admitted(atOnce(CONNECTION_LIMITS), 1800, 'a'), 1800);
});

test('the addresses that are counted are bounded, and a busy one is not forgotten', () => {
  const rates = new AddressRates({ perSecond: 1, burst: 1 }, () => 0);
  assert.equal(admitted(rates, 2, 'busy'), 1);
  for (let i = 0; i < 20_000; i++) {
    rates.admits(`${i}`);
    if (i % 5000 === 0) assert.equal(rates.admits('busy'), false);
  }
  assert.equal(rates.admits('19999'), false);
  assert.equal(rates.admits('0'), true, 'the oldest one is forgotten');
});
