/**
 * `npm run check`: runs each check that needs no server. The quick checks run at the same time. The unit tests run
 * after them, because they measure time.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';

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
const UNIT_TESTS = [
  process.execPath,
  '--import',
  './scripts/test-watchdog.ts',
  '--test',
  '--test-reporter=dot',
  // Test files that run at the same time. Two leave a core of a machine with two idle while they wait (50 s instead of
  // 45); more disturb each other's measurements.
  '--test-concurrency=3',
  '--test-timeout=60000',
  // Left out are tests that take seconds each: those of a whole session or frame loop, of threads, of guessers who wait,
  // and of every pixel of random overlays. `npm test` runs them.
  ...globSync(['src/**/*.test.ts', 'scripts/**/*.test.ts'], {
    cwd: ROOT,
    exclude: [
      'src/session/*.test.ts',
      'src/session/frame/frame-loop.test.ts',
      'src/http/login/guessers.test.ts',
      'src/accounts/hash-thread.test.ts',
      'src/encode/make/overlay-hides.test.ts',
      'src/encode/threads/*.test.ts',
      'src/threads/*.test.ts',
      'src/encode/pool*.test.ts',
      'src/desktop/x11/frame/*.test.ts',
    ],
  }),
];

const ends = await Promise.all(SIDE_BY_SIDE.map(([name, command]) => runStep(name, command)));
ends.push(await runStep('unit tests', UNIT_TESTS));
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
