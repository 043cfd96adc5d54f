import { Worker } from 'node:worker_threads';
import { createDice } from '../../bench/scenes/dice.ts';
import { caseSeed } from './fuzz-target.ts';
import { targetNamed } from './targets.ts';

/**
 * Longest step of the main thread that any input may cause, in ms of the processor's time. Cases that take longer are
 * run again (see case-thread.ts), so that a busy machine fails no test.
 */
const MOST_STEP_MS = 50;

/** Time between two looks at a thread's progress, in ms. */
const LOOK_MS = 250;

/**
 * Looks without progress after which a case counts as hanging: a minute in which this process ran. A larger number
 * delays the report; a smaller one fails on a machine that keeps the processor from the thread.
 */
const MOST_LOOKS = 240;

/** What the thread's word has before the first case. Loading its modules takes long on a busy machine. */
const NOT_BEGUN = -1;

/** Longest input that a message shows. The command that repeats the case makes it again. */
const MOST_SHOWN_BYTES = 1024;

/** Heap of the thread in MiB: a case that needs more has no limit. A whole run of the targets needs less than half. */
const MOST_HEAP_MIB = 512;

/** What the thread is told. */
export interface CaseOrder {
  readonly target: string;
  readonly seed: number;
  readonly cases: number;
  readonly slowMs: number;
  /** One 32-bit word, in which the thread keeps the number of its case. NOT_BEGUN at first. */
  readonly progress: SharedArrayBuffer;
}

/** What cases that passed have shown. */
interface CaseFigures {
  readonly slowestMs: number;
  readonly grownBytes: number;
  /** How often each part was reached. */
  readonly reached: Readonly<Record<string, number>>;
}

/** What the thread answers. */
export type CaseOutcome =
  | ({ readonly kind: 'passed' } & CaseFigures)
  | { readonly kind: 'failed'; readonly index: number; readonly what: string; readonly input: Uint8Array };

/**
 * Gives a target so many cases. Rejects with the case, its input and the command that repeats it if the product fails,
 * hangs, takes all memory, or needs more of the processor than MOST_STEP_MS.
 */
export async function runCases(target: string, seed: number, cases: number): Promise<CaseFigures> {
  const progress = new SharedArrayBuffer(4);
  const order: CaseOrder = { target, seed, cases, slowMs: MOST_STEP_MS, progress };
  const outcome = await outcomeOf(order);
  if (outcome.kind === 'passed') return outcome;
  throw new Error(describeFailure(target, seed, outcome.index, outcome.what, outcome.input));
}

/** Returns the text of a failure, with everything that repeats it. */
function describeFailure(
  target: string,
  seed: number,
  index: number,
  what: string,
  input: Uint8Array,
): string {
  const shown = Buffer.from(input.subarray(0, MOST_SHOWN_BYTES)).toString('base64');
  return [
    `Case ${index} of seed ${seed} of the fuzz target ${target}: ${what}`,
    `Input, ${input.length} bytes, in base64: ${shown}${input.length > MOST_SHOWN_BYTES ? '…' : ''}`,
    `Repeat it: npm run fuzz -- ${target} --case ${seed}:${index}`,
    'Keep it as a test: add --keep NAME.',
  ].join('\n');
}

function outcomeOf(order: CaseOrder): Promise<CaseOutcome> {
  const words = new Int32Array(order.progress).fill(NOT_BEGUN);
  const thread = new Worker(new URL('./case-thread.ts', import.meta.url), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: MOST_HEAP_MIB },
  });
  return new Promise((resolve) => {
    let isOver = false;
    const end = (outcome: CaseOutcome): void => {
      isOver = true;
      clearInterval(watch);
      resolve(thread.terminate().then(() => outcome));
    };
    const failHere = (what: string): void => {
      if (isOver) return;
      const index = Atomics.load(words, 0);
      end({ kind: 'failed', index, what, input: inputOf(order, index) });
    };
    let seen = -1;
    let looks = 0;
    const watch = setInterval(() => {
      const index = Atomics.load(words, 0);
      looks = index === seen && index !== NOT_BEGUN ? looks + 1 : 0;
      seen = index;
      if (looks > MOST_LOOKS) failHere('It hangs.');
    }, LOOK_MS);
    thread.once('message', end);
    thread.once('error', (error) => failHere((error as Error).stack ?? String(error)));
    thread.once('exit', (code) => failHere(`Its thread ended with ${code}.`));
  });
}

/** Makes the input of a case again. It is empty if the target must be prepared first. */
function inputOf({ target, seed }: CaseOrder, index: number): Uint8Array {
  try {
    return targetNamed(target).make(createDice(caseSeed(seed, index)));
  } catch {
    return new Uint8Array(0);
  }
}
