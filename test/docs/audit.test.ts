import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DOORS } from '../../src/audit/audit.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/audit.md'), 'utf8');

test('docs/audit.md lists the doors of the audit trail, and no others', () => {
  const [, table = ''] = page.split('| door | lines |');
  const rows = table.split('\n\n')[0]!.matchAll(/^\| `(\w+)` \|/gm);
  assert.deepEqual(
    [...rows].map(([, door]) => door),
    Object.keys(DOORS),
  );
});
