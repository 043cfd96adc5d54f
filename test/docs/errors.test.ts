import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ERRORS_PAGE, errorsPage } from '../../scripts/errors-page.ts';

test('docs/errors.md lists every code there is, as it is, and no other', async () => {
  const lines = readFileSync(ERRORS_PAGE, 'utf8').split('\n');
  // Where this fails, `node scripts/errors-page.ts` writes the page anew.
  assert.deepEqual(lines, (await errorsPage()).split('\n'));
});

test('no code belongs to two rooms', async () => {
  const codes = [...(await errorsPage()).matchAll(/^\| `(\w+)`/gm)].map((match) => match[1]!);
  assert.ok(codes.length > 0);
  assert.deepEqual(
    codes.filter((code, index) => codes.indexOf(code) !== index),
    [],
  );
});
