import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '../../../test/support/wait-for.ts';
import { Staleness } from './staleness.ts';

test('an edge that has not heard of the store for too long takes no passwords', () => {
  let silentMs = 9999;
  const staleness = new Staleness({ silentMs: () => silentMs, maxStaleMs: 10_000, blankAfterMs: undefined });
  staleness.requireFresh();
  silentMs = 10_000;
  assert.throws(() => staleness.requireFresh(), { code: 'FLEET_STORE_UNAVAILABLE', status: 503 });
  silentMs = 1e9;
  assert.equal(staleness.isBlank, false, 'viewers stay if nothing else is said');
});

test('viewers are cut off once each time the store is silent for longer than they may go on', async (t) => {
  let silentMs = 0;
  const staleness = new Staleness({ silentMs: () => silentMs, maxStaleMs: 10, blankAfterMs: 20 });
  t.after(() => staleness.close());
  let blanks = 0;
  staleness.on('blank', () => blanks++);
  for (const times of [1, 2]) {
    silentMs = 20;
    await waitFor('a blank', () => blanks === times);
    assert.equal(staleness.isBlank, true);
    silentMs = 0;
    assert.equal(staleness.isBlank, false);
    // A look has to see that it is not silent any more.
    await new Promise((resolve) => setTimeout(resolve, 600));
  }
  assert.equal(blanks, 2);
});
