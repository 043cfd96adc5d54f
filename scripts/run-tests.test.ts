import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { afterAgain, filesAgain, MOST_FILES_AGAIN, type Run } from './run-tests.ts';

const ROOT = dirname(import.meta.dirname);

const runWith = (files: readonly string[]): Run => ({
  failures: files.map((file) => ({ name: `a test of ${file}`, file })),
  status: files.length === 0 ? 0 : 1,
  wasStopped: false,
});

test('the files in which a test failed run again, each once', () => {
  assert.deepEqual(filesAgain(runWith([])), []);
  assert.deepEqual(filesAgain(runWith(['b', 'a', 'b'])), ['a', 'b']);
});

test('nothing runs again after a run that was stopped or broke, or in which many files failed', () => {
  const many = Array.from({ length: MOST_FILES_AGAIN + 1 }, (_, index) => `file ${index}`);
  assert.equal(filesAgain(runWith(many.slice(1))).length, MOST_FILES_AGAIN);
  assert.deepEqual(filesAgain(runWith(many)), []);
  assert.deepEqual(filesAgain({ ...runWith(['a']), status: 137 }), []);
  assert.deepEqual(filesAgain({ ...runWith(['a']), wasStopped: true }), []);
});

test('the tests that failed once only are listed', () => {
  assert.match(
    afterAgain(runWith(['a', 'b']), runWith(['b'])),
    /^\n1 test failed .+:\n {4}a: a test of a\n$/,
  );
  assert.equal(afterAgain(runWith(['a']), runWith(['a'])), '');
});

/** Runs a folder's tests as `npm test` runs its own. */
function runFiles(files: Readonly<Record<string, string>>, ...options: readonly string[]) {
  mkdirSync(join(ROOT, 'tmp'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'tmp/run-tests-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      const body = `import { existsSync, writeFileSync } from 'node:fs';\nimport { test } from 'node:test';\n${text}`;
      writeFileSync(join(folder, name), body);
    }
    // Without this variable the inner runner takes itself for a file of the outer one.
    const { NODE_TEST_CONTEXT, ...env } = process.env;
    const script = [join(ROOT, 'scripts/run-tests.ts'), ...options, `${folder}/*.test.mjs`];
    const { status, stdout, stderr } = spawnSync(process.execPath, script, {
      cwd: ROOT,
      encoding: 'utf8',
      env,
    });
    return { status, stdout, stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const PASSES = `test('a test that passes', () => {});`;
const FAILS = `test('a test that fails', () => { throw new Error('always'); });`;
const FAILS_ONCE = `test('a test that fails once', () => {
  const mark = new URL('mark', import.meta.url);
  if (!existsSync(mark)) { writeFileSync(mark, ''); throw new Error('once'); }
});`;

test('a run passes if what failed passes alone, and names it', () => {
  const { status, stdout, stderr } = runFiles({ 'a.test.mjs': PASSES, 'b.test.mjs': FAILS_ONCE });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /1 file had failures/);
  assert.match(stderr, /b\.test\.mjs: a test that fails once\n/);
  assert.equal(stdout.match(/✔ a test that passes/g)!.length, 1);
});

test('a run fails if a test fails twice, or once with --once', () => {
  const twice = runFiles({ 'a.test.mjs': PASSES, 'b.test.mjs': FAILS, 'c.test.mjs': FAILS_ONCE });
  assert.equal(twice.status, 1);
  assert.match(twice.stderr, /c\.test\.mjs: a test that fails once\n/);
  assert.doesNotMatch(twice.stderr, /b\.test\.mjs/);
  const once = runFiles({ 'c.test.mjs': FAILS_ONCE }, '--once');
  assert.equal(once.status, 1);
  assert.equal(once.stderr, '');
});

test('a file whose event loop stands still is killed and fails, and the others run', () => {
  const hangs = `test('a test that hangs', () => { for (;;); });`;
  const { status, stdout, stderr } = runFiles(
    { 'a.test.mjs': hangs, 'b.test.mjs': PASSES },
    '--once',
    '--most-silence-ms=3000',
  );
  assert.equal(status, 1);
  assert.match(stderr, /a\.test\.mjs has said nothing for 3 s, and is killed\./);
  assert.match(stdout, /✔ a test that passes/);
});

test('a file that breaks before its first test counts as failed', () => {
  assert.equal(runFiles({ 'a.test.mjs': `import './nothing.mjs';` }).status, 1);
});
