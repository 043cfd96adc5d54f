import { setTimeout as delay } from 'node:timers/promises';
import { inDesktop, type TypingDesktop, tapAll, typingDesktop } from '../../test/support/typing-desktop.ts';
import { monotonicMs } from '../clock.ts';
import { type Faults, findFaults } from './faults.ts';
import { installPackages, PROGRAMS, type TypedProgram } from './programs.ts';
import { foreignText, TYPABLE_LAYOUTS, typableText } from './texts.ts';

/** What arrived of one text in one program. */
export interface TypingResult extends Faults {
  readonly program: string;
  /** Whether each character needs a new keycode, or none does. */
  readonly keycodes: 'new' | 'none';
  readonly characters: number;
  readonly charactersPerSecond: number;
}

/**
 * Characters that are on their way at most. A larger value is more than a server's queue takes; a smaller one is fewer
 * than it binds at once.
 */
const AHEAD = 1000;

/** Milliseconds between looks at what has arrived. */
const LOOK_MS = 20;

/** Milliseconds without a character after which those that are on their way count as lost. */
const PATIENCE_MS = 10_000;

/** Types texts into each program, after it was installed if need be. A program that does not run is left out. */
export async function measureKeyboard(characters: number): Promise<TypingResult[]> {
  const results: TypingResult[] = [];
  for (const program of PROGRAMS) {
    const missing = installPackages(program);
    if (missing.length > 0) {
      console.error(`${program.name} is left out: Debian package ${missing.join(', ')} is missing`);
      continue;
    }
    try {
      results.push(...(await measure(program, characters)));
    } catch (error) {
      console.error(`${program.name} is left out: ${(error as Error).message}`);
    }
  }
  return results;
}

async function measure({ name, create }: TypedProgram, characters: number): Promise<TypingResult[]> {
  await using room = await typingDesktop(create);
  const results: TypingResult[] = [];
  for (const [keycodes, layouts, text] of [
    ['new', 'us', foreignText(characters)],
    ['none', TYPABLE_LAYOUTS, typableText(characters)],
  ] as const) {
    await inDesktop(room, 'setxkbmap', layouts);
    const { got, seconds } = await type(room, text);
    const result = { ...findFaults(text, got), program: name, keycodes, characters };
    results.push({ ...result, charactersPerSecond: got.length / seconds });
    console.error(formatTyping(results.at(-1)!));
  }
  return results;
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
  // Characters that came more than once push others back.
  await delay(PATIENCE_MS / 10);
  return { got: room.rest(), seconds };
}

/** Formats the results as a table of Markdown. */
export function formatKeyboard(results: readonly TypingResult[]): string {
  return [
    `keyboard: what programs got of ${results[0]?.characters} characters`,
    '',
    '| program  | new keycodes | lost | swapped | doubled | other | characters/s |',
    '| -------- | ------------ | ---: | ------: | ------: | ----: | -----------: |',
    ...results.map((result) => `| ${formatTyping(result)} |`),
  ].join('\n');
}

const formatTyping = ({ program, keycodes, ...counts }: TypingResult): string =>
  [
    program.padEnd(8),
    (keycodes === 'new' ? 'for each' : 'for none').padEnd(12),
    String(counts.lost).padStart(4),
    String(counts.swapped).padStart(7),
    String(counts.doubled).padStart(7),
    String(counts.other).padStart(5),
    counts.charactersPerSecond.toFixed(0).padStart(12),
  ].join(' | ');
