import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { startBusyCore } from './busy-core.ts';
import { type Plan, parsePlan, type RunResult, repeatTests } from './repeat-tests.ts';

const ROOT = dirname(import.meta.dirname);
const PASSED: RunResult = { passed: 9, failures: [], status: 0, seconds: 61.4, log: 'a.log' };

/** Carries out a plan with these results. */
async function repeat(results: readonly RunResult[], plan: Omit<Plan, 'files'>) {
  const lines: string[] = [];
  const busy: number[] = [];
  const passed = await repeatTests(
    { ...plan, files: [] },
    async (index, isBusy) => {
      if (isBusy) busy.push(index);
      return results[index - 1]!;
    },
    (line) => lines.push(line),
  );
  return { passed, lines, busy };
}

test('the tests run ten times by default, five of them with one core busy', () => {
  assert.deepEqual(parsePlan([]), { runs: 10, busyRuns: 5, files: [] });
  assert.deepEqual(parsePlan(['--runs', '3']), { runs: 3, busyRuns: 1, files: [] });
  assert.deepEqual(parsePlan(['--busy=4', '--runs=4', 'a', 'b']), {
    runs: 4,
    busyRuns: 4,
    files: ['a', 'b'],
  });
  assert.equal(parsePlan(['--help']), undefined);
});

test('a wrong number of runs and an unknown option are refused', () => {
  for (const args of [
    ['--runs', '0'],
    ['--runs', 'x'],
    ['--runs=2', '--busy=3'],
    ['--busy=-1'],
    ['--often'],
  ]) {
    assert.throws(() => parsePlan(args), Error, args.join(' '));
  }
});

test('each run has its line, and the runs with a busy core come last', async () => {
  const { passed, lines, busy } = await repeat([PASSED, PASSED, PASSED], { runs: 3, busyRuns: 1 });
  assert.ok(passed);
  assert.deepEqual(busy, [3]);
  assert.deepEqual(lines, [
    'run 1/3 passed: 9 tests passed, 0 failed, 61 s',
    'run 2/3 passed: 9 tests passed, 0 failed, 61 s',
    'run 3/3 passed: 9 tests passed, 0 failed, 61 s, one core busy',
    '3 of 3 runs passed.',
  ]);
});

test('a run that failed names the tests, and the other runs follow', async () => {
  const failures = [{ name: 'one is one', file: 'a.test.ts' }];
  const failed: RunResult = { ...PASSED, status: 1, failures };
  const { passed, lines } = await repeat([failed, PASSED], { runs: 2, busyRuns: 0 });
  assert.equal(passed, false);
  assert.deepEqual(lines, [
    'run 1/2 FAILED: 9 tests passed, 1 failed, 61 s',
    '    a.test.ts: one is one',
    '    See a.log',
    'run 2/2 passed: 9 tests passed, 0 failed, 61 s',
    '1 of 2 runs passed.',
  ]);
});

test('the reporter lists the tests that failed, and files that broke', () => {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-repeat-'));
  try {
    writeFileSync(
      join(folder, 'a.test.mjs'),
      `import { suite, test } from 'node:test';
      suite('a suite', () => {
        test('a test that passes', () => {});
        test('a test that fails', () => { throw new Error(); });
        test('a test with subtests', (t) => t.test('a subtest that fails', () => { throw new Error(); }));
        test.skip('a test that is skipped', () => {});
      });`,
    );
    writeFileSync(join(folder, 'broken.test.mjs'), 'import "./nothing.mjs";');
    const reporter = join(ROOT, 'scripts/failures-reporter.ts');
    // Without this variable the inner runner takes itself for a file of the outer one.
    const { NODE_TEST_CONTEXT, ...env } = process.env;
    const { stdout } = spawnSync(process.execPath, ['--test', `--test-reporter=${reporter}`, '*.test.mjs'], {
      cwd: folder,
      encoding: 'utf8',
      env,
    });
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.filter(({ kind }) => kind === 'failed').map(({ name, file }) => [name, file]),
      [
        ['a test that fails', 'a.test.mjs'],
        ['a subtest that fails', 'a.test.mjs'],
        ['broken.test.mjs', 'broken.test.mjs'],
      ],
    );
    assert.equal(lines.filter(({ kind }) => kind === 'passed').length, 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a busy core leaves no process behind when it is stopped', async () => {
  const busy = startBusyCore();
  await once(busy.process, 'spawn');
  const pid = busy.process.pid!;
  process.kill(pid, 0);
  await busy.stop();
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});
