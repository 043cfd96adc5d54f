/**
 * `npm run check`: runs each check that needs no server. A few run at the same time, the longest ones first. Unit tests
 * that measure their process run after them.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { findUnitTests } from './unit-tests.ts';

const ROOT = dirname(import.meta.dirname);
const BIN = 'node_modules/.bin';

/**
 * Steps at the same time for each core. One waits for the disk or for other processes now and then; more take memory,
 * and delay the tests' own waits.
 */
const STEPS_PER_CORE = 1.5;

type Step = readonly [name: string, command: readonly string[]];

/** The files of the last check: only what has changed since is checked again, in 1 s instead of 6. */
const incremental = (file: string): string[] => [
  '--incremental',
  '--tsBuildInfoFile',
  `tmp/${file}.tsbuildinfo`,
];

/**
 * Has the compiler check all types in one thread. With four, its default, each checks the types anew that it shares with
 * others: 18 s of CPU time instead of 7.5. Other steps have the other cores.
 */
const ONE_CHECKER = '--singleThreaded';

const NODE_TEST = [process.execPath, '--test', '--test-reporter=dot', '--test-timeout=60000'];
const { shared, alone } = findUnitTests(ROOT);

/** The longest ones first. */
const STEPS: readonly Step[] = [
  ['floating promises', [`${BIN}/oxlint`, '--format=unix']],
  ...shared.map(
    (files, i): Step => [
      `unit tests ${i + 1} of ${shared.length}`,
      [...NODE_TEST, '--test-isolation=none', ...files],
    ],
  ),
  ['types', [`${BIN}/tsc`, '-p', 'tsconfig.json', ONE_CHECKER, ...incremental('types')]],
  [
    'unused code',
    [process.execPath, `${BIN}/knip`, '--no-progress', '--cache', '--cache-location', 'tmp/knip'],
  ],
  ['types of the page', [`${BIN}/tsc`, '-p', 'src/client/tsconfig.json', ...incremental('types-page')]],
  [
    'types of the service worker',
    [`${BIN}/tsc`, '-p', 'src/client/worker/tsconfig.json', ...incremental('types-worker')],
  ],
  ['types of the core', [`${BIN}/tsc`, '-p', 'tsconfig.core.json', ...incremental('types-core')]],
  ['lint', [`${BIN}/biome`, 'ci', '--colors=off', '.']],
  ['known vulnerabilities', [process.execPath, 'scripts/advisories.ts']],
  ['walls', [process.execPath, 'scripts/check-walls.ts']],
  ['sizes', [process.execPath, 'scripts/sizes.ts']],
  ['licences', [process.execPath, 'scripts/licences.ts']],
];

const ALONE: Step = [
  'unit tests that measure or change their process',
  [
    ...NODE_TEST,
    ...['--import', './scripts/test-watchdog.ts'],
    // One leaves a core idle while it waits; more disturb each other's measurements.
    `--test-concurrency=${availableParallelism()}`,
    ...alone,
  ],
];

const passed = await runSideBySide(STEPS, Math.ceil(STEPS_PER_CORE * availableParallelism()));
passed.push(await runStep(ALONE));
process.exitCode = passed.every(Boolean) ? 0 : 1;

/** Runs steps in their order, so many at the same time. Resolves with whether each has passed. */
async function runSideBySide(steps: readonly Step[], atOnce: number): Promise<boolean[]> {
  const waiting = [...steps];
  const passed: boolean[] = [];
  const run = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift())
      passed.push(await runStep(step));
  };
  await Promise.all(Array.from({ length: atOnce }, run));
  return passed;
}

/**
 * Runs a step and prints its name, result and time. Prints the step's output only if the step failed, except lines that
 * begin with "note:".
 */
async function runStep([name, [program, ...args]]: Step): Promise<boolean> {
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
