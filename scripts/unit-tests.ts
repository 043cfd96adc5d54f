/** Chooses the unit tests of `npm run check`, and how they run. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Tests that take seconds each: those of a whole session or frame loop, of threads, of guessers who wait, and of every
 * pixel of random overlays. Only `npm test` runs them.
 */
const LEFT_OUT = [
  'src/session/*.test.ts',
  'src/session/frame/frame-loop.test.ts',
  'src/http/login/guessers.test.ts',
  'src/accounts/hash-thread.test.ts',
  'src/encode/make/overlay-hides.test.ts',
  'src/encode/threads/*.test.ts',
  'src/threads/*.test.ts',
  'src/encode/pool*.test.ts',
  'src/desktop/x11/frame/*.test.ts',
];

/** What ties a test to its process or to the time that it takes: other processes, sockets, files, hooks and clocks. */
const TIES = [
  /node:(child_process|cluster|worker_threads|net|https?|tls|dgram|os|timers|events|stream|v8|vm)\b/,
  /\b(mkdtemp|writeFile|mkdir)(Sync)?\b/,
  /\bmock\b|\b(before|after)(Each)?\(/,
  /\b(setTimeout|setInterval|performance)\b|Date\.now/,
  /\b(process|globalThis)\./,
  /support\/(limits|test-pool|timed-login|wait-for)\b/,
];

/** Whether a test file with this text can run in one process with others, at the same time as anything else. */
export const canShareProcess = (text: string): boolean => !TIES.some((tie) => tie.test(text));

export interface UnitTests {
  /** Files that share a process. Most of the time of a small test is the start of its process. */
  readonly together: readonly string[];
  /** Files that need a process of their own. */
  readonly alone: readonly string[];
}

export function findUnitTests(root: string): UnitTests {
  const files = globSync(['src/**/*.test.ts', 'scripts/**/*.test.ts'], {
    cwd: root,
    exclude: LEFT_OUT,
  }).sort();
  const { together = [], alone = [] } = Object.groupBy(files, (file) =>
    canShareProcess(readFileSync(join(root, file), 'utf8')) ? 'together' : 'alone',
  );
  return { together, alone };
}
