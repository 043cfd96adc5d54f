import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'SECURITY.md'), 'utf8');

/** The cells of each row of the table below a heading, without the table's head. */
function rowsOf(heading: string): string[][] {
  const [, section = ''] = page.split(`## ${heading}\n`);
  const lines = section
    .split('\n## ')[0]!
    .split('\n')
    .filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

const testsIn = (text: string): string[] =>
  [...text.matchAll(/`([^`]+\.test\.ts)`/g)].map(([, path]) => path!);

test('each promise of SECURITY.md names a test', () => {
  const promises = rowsOf('Promises');
  assert.ok(promises.length > 10);
  assert.deepEqual(
    promises.filter(([, , tests = '']) => testsIn(tests).length === 0),
    [],
  );
});

test('each test that SECURITY.md names exists', () => {
  assert.deepEqual(
    testsIn(page).filter((path) => globSync(path, { cwd: ROOT }).length === 0),
    [],
  );
});

test('each attacker of a promise in SECURITY.md is described, and each described one meets a promise', () => {
  const described = rowsOf('Attackers').map(([name]) => name);
  const met = rowsOf('Promises').flatMap(([, against = '']) => against.split(', '));
  const known = [...described, '-', "an owner's mistake"];
  assert.deepEqual(
    met.filter((name) => !known.includes(name)),
    [],
  );
  assert.deepEqual(
    described.filter((name) => !met.includes(name!)),
    [],
  );
});
