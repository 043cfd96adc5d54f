/**
 * `npm run fuzz -- TARGET --seconds N`: searches for inputs that break a target, guided by coverage (jazzer.js). Starts
 * from the inputs in test/fuzz/corpus/TARGET and those that earlier searches left in tmp/fuzz.
 *
 * `--case SEED:NUMBER` repeats one case of the tests, `--file PATH` runs one input. With `--keep NAME` such an input
 * becomes a file of the corpus, which `npm test` runs from then on.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { createDice } from '../bench/scenes/dice.ts';
import { corpusFolder, keepInput } from '../test/fuzz/corpus.ts';
import { caseSeed } from '../test/fuzz/fuzz-target.ts';
import { TARGETS, targetNamed } from '../test/fuzz/targets.ts';
import { nodeCommand } from './fuzz/libraries.ts';

const ROOT = dirname(import.meta.dirname);
/** The packages of the fuzzer, which are installed in WORK. */
const PACKAGES = join(import.meta.dirname, 'fuzz');
const PACKAGE_FILES = ['package.json', 'package-lock.json'];
const WORK = join(ROOT, 'tmp/fuzz');
/** A parser that no bundle holds, because the product loads it when it is needed. */
const PARSERS = join(ROOT, 'node_modules/yaml/');
const JAZZER = join(WORK, 'node_modules/@jazzer.js/core/dist/cli.js');

/** Search time without `--seconds`. */
const DEFAULT_SECONDS = 60;
/** Longest input in bytes. Longer ones reach more of a parser's limits, and take longer. */
const MOST_INPUT_BYTES = 4096;
/**
 * Time for one input in ms, by the clock and instrumented: slower than without the fuzzer. Larger values overlook slow
 * inputs; smaller ones report any input on a busy machine.
 */
const CASE_LIMIT_MS = 5000;
/** Memory in MiB after which the search ends with the input. */
const MOST_MEMORY_MIB = 2048;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string' },
    case: { type: 'string' },
    file: { type: 'string' },
    keep: { type: 'string' },
  },
});

const [name] = positionals;
if (name === undefined || !TARGETS.some((target) => target.name === name)) {
  console.error(
    `usage: npm run fuzz -- TARGET [--seconds N | --case SEED:NUMBER | --file PATH] [--keep NAME]`,
  );
  console.error(`targets: ${TARGETS.map((target) => target.name).join(', ')}`);
  process.exitCode = 2;
} else if (values.case !== undefined || values.file !== undefined) {
  await runOne(name, await inputOf(name));
} else {
  process.exitCode = await search(name, Number(values.seconds ?? DEFAULT_SECONDS));
}

/** Makes or reads the input that the command line names. */
async function inputOf(target: string): Promise<Uint8Array> {
  if (values.file !== undefined) return readFileSync(values.file);
  const [seed = Number.NaN, index = Number.NaN] = values.case!.split(':').map(Number);
  if (!Number.isInteger(seed) || !Number.isInteger(index))
    throw new Error('--case needs SEED:NUMBER, such as 1:42.');
  const { prepare, make } = targetNamed(target);
  await prepare?.();
  return make(createDice(caseSeed(seed, index)));
}

/** Keeps an input if that is asked for, shows it, and gives it to the target. */
async function runOne(target: string, input: Uint8Array): Promise<void> {
  if (values.keep !== undefined) console.log(`Kept: ${keepInput(target, values.keep, input)}`);
  console.log(`${input.length} bytes: ${JSON.stringify(Buffer.from(input).toString('latin1'))}`);
  const { prepare, run } = targetNamed(target);
  await prepare?.();
  const before = process.threadCpuUsage();
  const reached = new Set<string>();
  run(input, (what) => reached.add(what));
  const { user, system } = process.threadCpuUsage(before);
  console.log(
    `Accepted, or refused with a code, in ${((user + system) / 1000).toFixed(1)} ms of the processor's time.`,
  );
  console.log(`Reached: ${[...reached].join(', ')}`);
}

/** Installs the fuzzer if that version is not there. Returns npm's exit code. */
function install(): number {
  mkdirSync(WORK, { recursive: true });
  const isFresh = PACKAGE_FILES.every((file) => {
    const [wanted, present] = [PACKAGES, WORK].map((folder) => join(folder, file));
    return existsSync(present!) && readFileSync(present!).equals(readFileSync(wanted!));
  });
  if (isFresh && existsSync(JAZZER)) return 0;
  for (const file of PACKAGE_FILES) copyFileSync(join(PACKAGES, file), join(WORK, file));
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  return spawnSync('npm', args, { cwd: WORK, stdio: 'inherit' }).status ?? 1;
}

/** Searches for so many seconds. Returns the exit code: 0 if nothing was found. */
async function search(target: string, seconds: number): Promise<number> {
  const installed = install();
  if (installed !== 0) return installed;
  const found = join(WORK, 'found', target);
  mkdirSync(found, { recursive: true });
  mkdirSync(corpusFolder(target), { recursive: true });
  const artifacts = join(WORK, `${target}-`);
  const bundled = await bundle(target);
  const [program, ...options] = await nodeCommand(join(WORK, 'libraries'));
  const jazzer = spawnSync(
    program!,
    [
      ...options,
      JAZZER,
      bundled,
      found,
      corpusFolder(target),
      '--includes',
      bundled,
      '--includes',
      PARSERS,
      '--timeout',
      String(CASE_LIMIT_MS),
      '--',
      `-max_total_time=${seconds}`,
      `-max_len=${MOST_INPUT_BYTES}`,
      `-rss_limit_mb=${MOST_MEMORY_MIB}`,
      `-artifact_prefix=${artifacts}`,
    ],
    { cwd: ROOT, stdio: 'inherit' },
  );
  if (jazzer.status !== 0) {
    console.error(`The input is in a file that begins with ${artifacts}. Keep it as a test:`);
    console.error(`npm run fuzz -- ${target} --file PATH --keep NAME`);
  }
  return jazzer.status ?? 1;
}

/** Bundles a target into one file, because jazzer.js instruments JavaScript and the sources are TypeScript. */
async function bundle(target: string): Promise<string> {
  const outfile = join(WORK, `${target}.cjs`);
  await build({
    absWorkingDir: ROOT,
    stdin: { contents: entryOf(target), resolveDir: ROOT, loader: 'ts' },
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    // A bundle in the old format of modules has no address. The sources use theirs to find packages.
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(ROOT, 'package.json')).href) },
    logLevel: 'warning',
  });
  return outfile;
}

/** Returns the source of the bundle's first file. */
function entryOf(target: string): string {
  return `
    import { ignoreReached } from './test/fuzz/fuzz-target.ts';
    import { targetNamed } from './test/fuzz/targets.ts';
    const target = targetNamed('${target}');
    let prepared = target.prepare?.().then(() => { prepared = undefined; });
    export const fuzz = (input) => prepared ? prepared.then(() => target.run(input, ignoreReached)) : target.run(input, ignoreReached);
  `;
}
