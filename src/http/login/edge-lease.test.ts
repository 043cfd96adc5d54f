import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { waitFor } from '../../../test/support/wait-for.ts';
import { isLeaseOver, watchLease, writeLease } from './edge-lease.ts';

const nowMs = (): number => uptime() * 1000;

test('a lease is over when its time is, and a desktop without one runs for ever', () => {
  const file = join(temporaryFolder('deskwire-lease-'), 'lease');
  assert.equal(isLeaseOver(file), false);
  writeLease(file, nowMs() + 60_000);
  assert.equal(isLeaseOver(file), false);
  writeLease(file, nowMs() - 20);
  assert.equal(isLeaseOver(file), true);
  writeLease(file, undefined);
  assert.equal(existsSync(file), false);
  assert.equal(isLeaseOver(file), false);
  writeFileSync(file, '12');
  assert.equal(isLeaseOver(file), false, 'a file without its end says nothing');
});

test('the end of a lease is told, again until it is renewed', async (t) => {
  const file = join(temporaryFolder('deskwire-lease-'), 'lease');
  let ends = 0;
  writeLease(file, nowMs() + 200);
  t.after(watchLease(file, () => ends++));
  await waitFor('two ends', () => ends >= 2);
});
