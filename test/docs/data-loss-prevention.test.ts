import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DLP_KEYS_BY_PATH } from '../../src/config/dlp/dlp-keys.ts';

const PAGE = join(import.meta.dirname, '../../docs/data-loss-prevention.md');

test('docs/data-loss-prevention.md lists each key that the server reads, and no other', () => {
  const keys = [...readFileSync(PAGE, 'utf8').matchAll(/^\| `([a-z_.]+)` \|/gm)].map((match) => match[1]!);
  assert.deepEqual(keys.toSorted(), [...DLP_KEYS_BY_PATH.keys()].toSorted());
});
