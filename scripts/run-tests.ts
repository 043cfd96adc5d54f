/**
 * Runs the tests of `npm test`. Files in which a test failed run once more, one at a time: other programs can keep the
 * processor from a test for longer than it allows for. What fails twice is a failure. What fails once is listed at the
 * end, because a test that depends on luck is a fault, too.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReportLine } from './failures-reporter.ts';
import { killSilentFiles } from './silent-file.ts';

/**
 * Test files that run at the same time. End-to-end tests start a desktop and a browser, so that more files than cores
 * would disturb each other's measurements. Fewer take longer.
 */
const FILES_AT_ONCE = 2;

/**
 * Time after which the runner fails a test and goes on. A larger value delays the report of a test that hangs; a smaller
 * one fails tests on a loaded machine. test-watchdog.ts ends files that stay open after their tests.
 */
const TEST_TIMEOUT_MS = 180_000;

/**
 * Time without a result after which the oldest running file is killed. A larger value delays the report of a file that
 * hangs; a smaller one kills slow tests on a loaded machine. It must be longer than the longest test.
 */
const MOST_SILENCE_MS = 600_000;

/**
 * Most files that run again. Chance fails few. With more, a change that breaks many tests is reported later; with fewer,
 * a busy machine fails a good change.
 */
export const MOST_FILES_AGAIN = 12;

/** What `npm test` runs if no file is named. */
const ALL_TESTS = ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'];

/** Options of ours: no file runs again; another value for MOST_SILENCE_MS. */
export const ONCE = '--once';
const MOST_SILENCE = '--most-silence-ms=';

/** Reporters for people: what the runner prints when no reporter is named. */
const FOR_PEOPLE = ['--test-reporter=spec', '--test-reporter-destination=stdout'];

/** One failed test: its name and its file. */
export type Failure = Pick<Extract<ReportLine, { kind: 'failed' }>, 'name' | 'file'>;

/** One run of the tests. */
export interface Run {
  readonly failures: readonly Failure[];
  /** The runner's exit status: 0 if no test failed, 1 if one did. */
  readonly status: number;
  /** Whether a signal asked for its end. */
  readonly wasStopped: boolean;
}

/** Files that run again after a run: none if it passed, was stopped or broke, or if too many failed. */
export function filesAgain({ failures, status, wasStopped }: Run): readonly string[] {
  const files = [...new Set(failures.map(({ file }) => file))].sort();
  return status === 1 && !wasStopped && files.length <= MOST_FILES_AGAIN ? files : [];
}

/** What is printed before the files run again. */
export const beforeAgain = (files: readonly string[]): string =>
  `\n${counted(files.length, 'file')} had failures beside other files. They run once more, one at a time.\n\n`;

/** What is printed after a second run: the tests that failed in the first run only. */
export function afterAgain(first: Run, again: Run): string {
  const key = ({ name, file }: Failure): string => `${file}: ${name}`;
  const twice = new Set(again.failures.map(key));
  const once = first.failures.map(key).filter((test) => !twice.has(test));
  if (once.length === 0) return '';
  const head = `${counted(once.length, 'test')} failed beside other files, but not alone. Mend the test or what it tests:`;
  return `\n${[head, ...once.map((test) => `    ${test}`)].join('\n')}\n`;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Runs files at most `atOnce` at a time. */
async function run(atOnce: number, given: readonly string[], files: readonly string[]): Promise<Run> {
  const options = given.filter((option) => option !== ONCE && !option.startsWith(MOST_SILENCE));
  const silence = given.find((option) => option.startsWith(MOST_SILENCE))?.slice(MOST_SILENCE.length);
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-tests-'));
  const report = join(folder, 'report');
  const reporters = options.some((option) => option.startsWith('--test-reporter=')) ? [] : FOR_PEOPLE;
  try {
    const runner = spawn(
      process.execPath,
      [
        '--import=./scripts/test-watchdog.ts',
        '--test',
        `--test-concurrency=${atOnce}`,
        `--test-timeout=${TEST_TIMEOUT_MS}`,
        ...options,
        ...reporters,
        '--test-reporter=./scripts/failures-reporter.ts',
        `--test-reporter-destination=${report}`,
        ...files,
      ],
      { stdio: 'inherit' },
    );
    let wasStopped = false;
    const stop = (signal: NodeJS.Signals): void => {
      wasStopped = true;
      runner.kill(signal);
    };
    process.on('SIGTERM', stop).on('SIGINT', stop);
    const endWatch = killSilentFiles(runner.pid!, report, Number(silence ?? MOST_SILENCE_MS));
    const [code, signal] = (await once(runner, 'exit')) as [number | null, NodeJS.Signals | null];
    endWatch();
    process.off('SIGTERM', stop).off('SIGINT', stop);
    return { failures: failuresIn(report), status: code ?? 128 + constants.signals[signal!], wasStopped };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function failuresIn(report: string): Failure[] {
  const lines = readFileSync(report, 'utf8').split('\n').filter(Boolean);
  return lines.map((line): ReportLine => JSON.parse(line)).filter((line) => line.kind === 'failed');
}

/** Runs the tests of a command line, and returns the exit status. */
async function main(args: readonly string[]): Promise<number> {
  const options = args.filter((argument) => argument.startsWith('-'));
  const named = args.filter((argument) => !argument.startsWith('-'));
  const first = await run(FILES_AT_ONCE, options, named.length > 0 ? named : ALL_TESTS);
  const files = args.includes(ONCE) ? [] : filesAgain(first);
  if (files.length === 0) return first.status;
  process.stderr.write(beforeAgain(files));
  const again = await run(1, options, files);
  process.stderr.write(afterAgain(first, again));
  return again.status;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
