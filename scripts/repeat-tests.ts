/** `npm run test:repeat`: runs the tests several times and reports the runs in which one failed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { startBusyCore } from './busy-core.ts';
import type { ReportLine } from './failures-reporter.ts';
import { type Failure, ONCE } from './run-tests.ts';

const ROOT = dirname(import.meta.dirname);
const LOGS = 'tmp/repeat-tests';

const HELP = `Runs the tests several times and prints one line for each run. In half of the runs, a busy loop keeps one
core of the machine busy. Exits with 1 if a test failed in any run.

Usage
  npm run test:repeat [-- [--runs NUMBER] [--busy NUMBER] [FILE ...]]

Options
  --runs NUMBER   Runs of the tests [10].
  --busy NUMBER   Runs in which one core is kept busy [half of the runs]. These come last.
  --help          This text.

FILE is a test file or a pattern of them [all tests]. The whole output of each run is in ${LOGS}/.
`;

export interface RunResult {
  readonly passed: number;
  readonly failures: readonly Failure[];
  /** Exit status of the test runner. 0 means that it found no failure. */
  readonly status: number;
  readonly seconds: number;
  /** File with the whole output. */
  readonly log: string;
}

export interface Plan {
  readonly runs: number;
  readonly busyRuns: number;
  readonly files: readonly string[];
}

/** Reads the command line. Returns undefined if it asks for help. Throws an Error if it is wrong. */
export function parsePlan(args: readonly string[]): Plan | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { runs: { type: 'string' }, busy: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help === true) return undefined;
  const runs = numberOf('--runs', values.runs ?? '10', 1, Number.MAX_SAFE_INTEGER);
  const busyRuns = numberOf('--busy', values.busy ?? String(Math.floor(runs / 2)), 0, runs);
  return { runs, busyRuns, files: positionals };
}

function numberOf(flag: string, text: string, min: number, max: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new Error(`${flag} takes a whole number from ${min}${max < 1e9 ? ` to ${max}` : ' up'}.`);
}

/** Carries out a plan. `run` is one run of the tests, and `print` takes one line. Returns whether all runs passed. */
export async function repeatTests(
  plan: Plan,
  run: (index: number, isBusy: boolean) => Promise<RunResult>,
  print: (line: string) => void,
): Promise<boolean> {
  let passed = 0;
  for (let index = 1; index <= plan.runs; index++) {
    const isBusy = index > plan.runs - plan.busyRuns;
    const result = await run(index, isBusy);
    if (result.status === 0) passed += 1;
    for (const line of linesOf(`${index}/${plan.runs}`, isBusy, result)) print(line);
  }
  print(`${passed} of ${plan.runs} runs passed.`);
  return passed === plan.runs;
}

function linesOf(
  position: string,
  isBusy: boolean,
  { status, passed, failures, seconds, log }: RunResult,
): string[] {
  const word = status === 0 ? 'passed' : 'FAILED';
  const load = isBusy ? ', one core busy' : '';
  const counts = `${passed} tests passed, ${failures.length} failed`;
  const head = `run ${position} ${word}: ${counts}, ${seconds.toFixed(0)} s${load}`;
  if (status === 0) return [head];
  return [head, ...failures.map(({ name, file }) => `    ${file}: ${name}`), `    See ${log}`];
}

/** Runs `npm test` once. Calls `onTest` after each test. */
async function runTests(
  files: readonly string[],
  log: string,
  onTest: (passed: number, failed: number) => void,
): Promise<RunResult> {
  const startedMs = performance.now();
  const reporters = [
    '--test-reporter=spec',
    `--test-reporter-destination=${log}`,
    '--test-reporter=./scripts/failures-reporter.ts',
    '--test-reporter-destination=stdout',
  ];
  const child = spawn('sh', ['scripts/test.sh', ONCE, ...reporters, ...files], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const failures: Failure[] = [];
  let passed = 0;
  for await (const text of createInterface(child.stdout)) {
    const line = parseLine(text);
    if (line?.kind === 'passed') passed += 1;
    else if (line?.kind === 'failed') failures.push({ name: line.name, file: line.file });
    onTest(passed, failures.length);
  }
  const [code] = await ended;
  const seconds = (performance.now() - startedMs) / 1000;
  return { passed, failures, status: code ?? 1, seconds, log };
}

/** Undefined for a line that the reporter did not write. */
function parseLine(text: string): ReportLine | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function main(): Promise<void> {
  let plan: Plan | undefined;
  try {
    plan = parsePlan(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message} See --help.\n`);
    process.exitCode = 2;
    return;
  }
  if (plan === undefined) {
    process.stdout.write(HELP);
    return;
  }
  mkdirSync(join(ROOT, LOGS), { recursive: true });
  const { runs, files } = plan;
  const run = async (index: number, isBusy: boolean): Promise<RunResult> => {
    const busy = isBusy ? startBusyCore() : undefined;
    try {
      return await runTests(files, `${LOGS}/run-${index}.log`, (passed, failed) => {
        progress(`run ${index}/${runs}: ${passed} tests passed, ${failed} failed`);
      });
    } finally {
      await busy?.stop();
      progress('');
    }
  };
  const passed = await repeatTests(plan, run, (line) => console.log(line));
  process.exitCode = passed ? 0 : 1;
}

/** Replaces the progress line. Shows none if the output is not a terminal. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

if (import.meta.main) await main();
