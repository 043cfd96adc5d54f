import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ERRORS_PAGE, errorsPage } from '../../scripts/errors-page.ts';

const rows = (page: string): string[] => page.split('\n').filter((line) => line.startsWith('| `'));
const written = rows(readFileSync(ERRORS_PAGE, 'utf8'));
const inCode = rows(await errorsPage());

// `node scripts/errors-page.ts` writes the page again.
test('docs/errors.md lists every error code with its status and its meaning', () => {
  assert.deepEqual(
    inCode.filter((row) => !written.includes(row)),
    [],
  );
});

test('docs/errors.md lists no error code that the tables lack', () => {
  assert.deepEqual(
    written.filter((row) => !inCode.includes(row)),
    [],
  );
});

test('each error code belongs to one room', () => {
  const codes = inCode.map((row) => /`(\w+)`/.exec(row)![1]!);
  assert.ok(codes.length > 0);
  assert.deepEqual(
    codes.filter((code, index) => codes.indexOf(code) !== index),
    [],
  );
});
