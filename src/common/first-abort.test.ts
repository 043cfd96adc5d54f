import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstAbort } from './first-abort.ts';

test('the signal aborts with the first of several, and keeps its reason', () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const signal = firstAbort([one.signal, other.signal]);
  assert.equal(signal.aborted, false);
  other.abort('other');
  one.abort('one');
  assert.equal(signal.reason, 'other');
});

test('the signal is aborted from the beginning if one of several is', () => {
  const signal = firstAbort([new AbortController().signal, AbortSignal.abort('before')]);
  assert.equal(signal.reason, 'before');
});
