/**
 * `npm run check`: runs each check that needs no server. The quick checks run at the same time. Unit tests that measure
 * time run after them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { findUnitTests } from './unit-tests.ts';

const ROOT = dirname(import.meta.dirname);
const BIN = 'node_modules/.bin';

const SIDE_BY_SIDE: [string, string[]][] = [
  // The file is of the last check: only what has changed since is checked again, in 1 s instead of 6.
  [
    'types',
    [`${BIN}/tsc`, '-p', 'tsconfig.json', '--incremental', '--tsBuildInfoFile', 'tmp/types.tsbuildinfo'],
  ],
  ['types of the core', [`${BIN}/tsc`, '-p', 'tsconfig.core.json']],
  ['types of the page', [`${BIN}/tsc`, '-p', 'src/client/tsconfig.json']],
  ['lint', [`${BIN}/biome`, 'ci', '--colors=off', '.']],
  ['floating promises', [`${BIN}/oxlint`, '--format=unix']],
  ['unused code', [process.execPath, `${BIN}/knip`, '--no-progress']],
  ['walls', [process.execPath, 'scripts/check-walls.ts']],
  ['sizes', [process.execPath, 'scripts/sizes.ts']],
  ['licences', [process.execPath, 'scripts/licences.ts']],
  ['known vulnerabilities', [process.execPath, 'scripts/advisories.ts']],
];
const NODE_TEST = ['--test', '--test-reporter=dot', '--test-timeout=60000'];

const { together, alone } = findUnitTests(ROOT);
const UNIT_TESTS = [process.execPath, ...NODE_TEST, '--test-isolation=none', ...together];
const LONELY_UNIT_TESTS = [
  ...[process.execPath, '--import', './scripts/test-watchdog.ts', ...NODE_TEST],
  // Test files that run at the same time. Two leave a core of a machine with two idle while they wait (50 s instead of
  // 45); more disturb each other's measurements.
  '--test-concurrency=3',
  ...alone,
];

const ends = await Promise.all(
  [...SIDE_BY_SIDE, ['unit tests', UNIT_TESTS] as const].map(([name, command]) => runStep(name, command)),
);
ends.push(await runStep('unit tests with processes, sockets, files or clocks', LONELY_UNIT_TESTS));
process.exitCode = ends.every(Boolean) ? 0 : 1;

/**
 * Runs a step and prints its name, result and time. Prints the step's output only if the step failed, except lines that
 * begin with "note:".
 */
async function runStep(name: string, [program, ...args]: string[]): Promise<boolean> {
  const startedAt = performance.now();
  const child = spawn(program!, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const passed = code === 0;
  console.log(`${passed ? 'ok    ' : 'FAILED'}  ${name} (${seconds} s)`);
  const shown = passed ? (out.match(/^note:.*$/gm) ?? []).join('\n') : `${out}${err}`.trimEnd();
  if (shown !== '') console.log(shown.replace(/^/gm, '        '));
  return passed;
}
