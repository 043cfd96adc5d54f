/** Chooses the unit tests of `npm run check`, and how they run. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Tests that take seconds each: those of a whole session or frame loop, of threads, of guessers who wait, of every pixel
 * of random overlays, of motion in many large scenes, and of npm itself. Only `npm test` runs them.
 */
const LEFT_OUT = [
  'src/session/*.test.ts',
  'src/session/frame/frame-loop.test.ts',
  'src/http/login/guessers.test.ts',
  'src/accounts/hash-threads.test.ts',
  'src/encode/make/overlay-hides.test.ts',
  'src/encode/threads/*.test.ts',
  'src/threads/*.test.ts',
  'src/encode/pool*.test.ts',
  'src/desktop/x11/frame/*.test.ts',
  'src/pixels/motion-search/scrolling.test.ts',
  'scripts/advisories.test.ts',
  'scripts/setup.test.ts',
];

/**
 * What ties a test to its process: hooks that would run for all tests of the process, mocks and listeners of the whole
 * process, its memory, what it has open, and the time that it takes.
 */
const TIES = [
  /^(before|beforeEach|afterEach)\(/m,
  /(?<!\bt\.)\bmock\.(timers|method|module)\b/,
  /\bprocess\.(umask|chdir|on|once|emit|exit|send|argv|std\w+)\b|\bglobalThis\b/,
  /\bprocess\.env(\.\w+|\[[^\]]+\])\s*=[^=]|\bdelete process\.env\b/,
  /\bprocess\.(\w*[uU]sage|getActiveResourcesInfo)\b|\/proc\/self\b|node:(v8|vm|cluster)\b/,
  /\bperformance\.now\(\) [-<>]|\bperformance\.(?!now\b)\w|support\/(limits|timed-login)\b/,
];

/**
 * Processes for the tests that share one. With more, the machine's cores are busy to the end; each loads the modules
 * anew, which takes a second.
 */
const SHARES = 4;

/** Whether a test file with this text can run in one process with others, one after the other. */
export const canShareProcess = (text: string): boolean => !TIES.some((tie) => tie.test(text));

export interface UnitTests {
  /** Files that share a process, by process. Most of the time of a small test is the start of its process. */
  readonly shared: readonly (readonly string[])[];
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
  // Neighbours, which take about the same time, are dealt to different processes.
  const shares = Array.from({ length: SHARES }, (_, share) =>
    together.filter((_, i) => i % SHARES === share),
  );
  return { shared: shares, alone };
}
