import type { Dice } from '../../bench/scenes/dice.ts';
import { maybeMutated } from './mutate.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Texts that parsers of names, numbers and paths have failed on. */
const SPECIAL_TEXTS = [
  '',
  '0',
  '-1',
  '1e999',
  '9007199254740993',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'true',
  '\0',
  '\ufeff',
  '\u2028',
  'Ä "ö"',
  '😀',
  '../../etc/passwd',
  '%00',
  '%ff',
  '$5$kasm$',
  'x'.repeat(128),
];

/** Returns a word: one of `usual`, a special one, or random characters. */
export function word(dice: Dice, usual: readonly string[]): string {
  if (dice.chance(0.7)) return dice.pick(usual);
  if (dice.chance(0.5)) return dice.pick(SPECIAL_TEXTS);
  return String.fromCharCode(...Array.from({ length: dice.integer(1, 8) }, () => dice.integer(1, 0x17f)));
}

/** Returns some of the choices, each at most once, in their order. */
export const some = <T>(dice: Dice, choices: readonly T[]): T[] => choices.filter(() => dice.chance(0.5));

/** Returns the bytes of a text, usually damaged. */
export const damagedText = (text: string, dice: Dice): Uint8Array => maybeMutated(encoder.encode(text), dice);

/** Decodes UTF-8. Returns undefined for other bytes. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
