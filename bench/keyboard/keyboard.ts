import { setTimeout as delay } from 'node:timers/promises';
import { inDesktop, type TypingDesktop, tapAll, typingDesktop } from '../../test/support/typing-desktop.ts';
import { monotonicMs } from '../clock.ts';
import { type Faults, findFaults, firstDifference } from './faults.ts';
import { BELOW_INPUT_METHODS } from './input-methods.ts';
import { installPackages, PROGRAMS, type TypedProgram } from './programs.ts';
import { foreignText, TYPABLE_LAYOUTS, typableText } from './texts.ts';

/** What arrived of one text in one program. */
interface TypingResult extends Faults {
  readonly program: string;
  /** Whether each character needs a new keycode, or none does. */
  readonly keycodes: 'new' | 'none';
  readonly characters: number;
  readonly charactersPerSecond: number;
}

/** What pinyin made of `PINYIN` in one program. */
interface Composition {
  readonly program: string;
  readonly got: string;
}

/** A program in which not everything could be measured. */
interface Failure {
  readonly program: string;
  readonly reason: string;
}

export interface KeyboardResult {
  readonly typed: readonly TypingResult[];
  readonly composed: readonly Composition[];
  readonly failed: readonly Failure[];
}

/** Keys of a word in pinyin, of which the last one chooses the first candidate. */
const PINYIN = 'nihao ';
/** That word. */
export const COMPOSED = '你好';

/** Characters that are typed below an input method at most: it has more work with each. */
const MOST_BELOW_INPUT_METHODS = 1000;

/**
 * Characters that are on their way at most. A larger value is more than a server's queue takes; a smaller one is fewer
 * than it binds at once.
 */
const AHEAD = 1000;

/** Milliseconds between looks at what has arrived. */
const LOOK_MS = 20;

/**
 * Milliseconds without a character after which those that are on their way count as lost. A larger value lengthens the run
 * of a program that loses some; a smaller one takes characters for lost that a busy program gets late.
 */
const PATIENCE_MS = 30_000;

/** Milliseconds after the last character in which no further one may come. */
const END_MS = 1000;

/**
 * The programs of some names, such as "xterm", or all without names. Throws an Error that lists the names if one is unknown.
 */
export function programsNamed(names: readonly string[]): readonly TypedProgram[] {
  const all = [...PROGRAMS, ...BELOW_INPUT_METHODS];
  const unknown = names.find((name) => !all.some((program) => program.name === name));
  if (unknown !== undefined)
    throw new Error(`No program "${unknown}"; there are ${all.map(({ name }) => `"${name}"`).join(', ')}`);
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}

/** Types texts into each program, after it was installed if need be. */
export async function measureKeyboard(
  characters: number,
  programs: readonly TypedProgram[],
): Promise<KeyboardResult> {
  const result = {
    typed: [] as TypingResult[],
    composed: [] as Composition[],
    failed: [] as Failure[],
  };
  for (const program of programs) {
    try {
      const missing = installPackages(program);
      if (missing.length > 0) throw new Error(`Debian package ${missing.join(', ')} is missing`);
      await measure(program, characters, result);
    } catch (error) {
      const { message } = error as Error;
      result.failed.push({ program: program.name, reason: message });
      console.error(`${program.name}: ${message}`);
    }
  }
  return result;
}

async function measure(
  { name, create, pinyin }: TypedProgram,
  most: number,
  result: { typed: TypingResult[]; composed: Composition[] },
): Promise<void> {
  await using room = await typingDesktop(create);
  const characters = pinyin ? Math.min(most, MOST_BELOW_INPUT_METHODS) : most;
  for (const [keycodes, layouts, text] of [
    ['new', 'us', foreignText(characters)],
    ['none', TYPABLE_LAYOUTS, typableText(characters)],
  ] as const) {
    await inDesktop(room, 'setxkbmap', layouts);
    const { got, seconds } = await type(room, text);
    const found = { ...findFaults(text, got), program: name, keycodes, characters };
    result.typed.push({ ...found, charactersPerSecond: got.length / seconds });
    console.error(formatTyping(result.typed.at(-1)!));
    const difference = firstDifference(text, got);
    if (difference) console.error(`${name}: ${difference}`);
  }
  if (pinyin) result.composed.push({ program: name, got: await compose(room, pinyin()) });
}

/** Types a word through pinyin and resolves with what the program got. */
async function compose(room: TypingDesktop, [command, ...args]: readonly string[]): Promise<string> {
  await inDesktop(room, 'setxkbmap', 'us');
  await inDesktop(room, command!, ...args);
  room.skip();
  tapAll(room.input, PINYIN);
  const endMs = monotonicMs() + PATIENCE_MS;
  while (room.rest().length < COMPOSED.length && monotonicMs() < endMs) await delay(LOOK_MS);
  return room.rest();
}

/** Types a text, at most `AHEAD` characters before those that have arrived. */
async function type(room: TypingDesktop, text: string): Promise<{ got: string; seconds: number }> {
  room.skip();
  const startedMs = monotonicMs();
  let sent = 0;
  let lost = 0;
  let arrived = 0;
  let arrivedMs = startedMs;
  while (arrived + lost < text.length) {
    const end = Math.min(text.length, arrived + lost + AHEAD);
    tapAll(room.input, text.slice(sent, end));
    sent = Math.max(sent, end);
    await delay(LOOK_MS);
    const now = room.rest().length;
    if (now !== arrived) arrivedMs = monotonicMs();
    else if (monotonicMs() - arrivedMs > PATIENCE_MS) {
      lost = sent - arrived;
      arrivedMs = monotonicMs();
    }
    arrived = now;
  }
  const seconds = (arrivedMs - startedMs) / 1000;
  return { got: await lastOf(room), seconds };
}

/** Resolves with what has arrived once nothing arrives any more: characters that came twice push others back. */
async function lastOf(room: TypingDesktop): Promise<string> {
  for (let got = room.rest(); ; ) {
    await delay(END_MS);
    const now = room.rest();
    if (now === got) return got;
    got = now;
  }
}

/** Formats the results as a table of Markdown. */
export function formatKeyboard(results: readonly TypingResult[]): string {
  return [
    'keyboard: what programs got of a text',
    '',
    '| program       | new keycodes | characters | lost | swapped | doubled | other | characters/s |',
    '| ------------- | ------------ | ---------: | ---: | ------: | ------: | ----: | -----------: |',
    ...results.map((result) => `| ${formatTyping(result)} |`),
  ].join('\n');
}

const formatTyping = ({ program, keycodes, ...counts }: TypingResult): string =>
  [
    program.padEnd(13),
    (keycodes === 'new' ? 'for each' : 'for none').padEnd(12),
    String(counts.characters).padStart(10),
    String(counts.lost).padStart(4),
    String(counts.swapped).padStart(7),
    String(counts.doubled).padStart(7),
    String(counts.other).padStart(5),
    counts.charactersPerSecond.toFixed(0).padStart(12),
  ].join(' | ');
