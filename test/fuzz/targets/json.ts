import type { TArray } from 'typebox';
import type { Dice } from '../../../bench/scenes/dice.ts';
import { userCalls } from '../../../src/api/calls/users.ts';
import { parseBulkBody } from '../../../src/api/contract/bulk-body.ts';
import { findJsonFault } from '../../../src/api/contract/json-syntax.ts';
import { Problem } from '../../../src/http/problems/errors.ts';
import { joinBytes } from '../../../src/protocol/join-bytes.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { damagedText, textOf, word } from '../text.ts';

// The handlers are not called, so the calls need no accounts.
const SCHEMAS: readonly TArray[] = userCalls(undefined as never).flatMap(({ body }) => (body ? [body] : []));
const NAMES = ['user', 'password', 'read', 'write', 'owner'];
const VALUES = [
  '"fred"',
  '"x\\u00e4"',
  'true',
  'false',
  'null',
  '0',
  '-1.5e3',
  '[]',
  '{}',
  '"\\ud800"',
  '01',
  '"a\nb"',
];
const SPACES = ['', '', '', ' ', '\n', '\t'];
/** Brackets without an end: as many as a body may have. */
const DEEP = 200_000;
/** Faults of texts that Node's parser accepts. */
const STRICTER = /twice|more than/;

function makeValue(dice: Dice, depth: number): string {
  if (depth > 0 && dice.chance(0.2)) {
    return `[${Array.from({ length: dice.integer(0, 3) }, () => makeValue(dice, depth - 1)).join(',')}]`;
  }
  return dice.pick(SPACES) + (dice.chance(0.8) ? dice.pick(VALUES) : JSON.stringify(word(dice, NAMES)));
}

function makeEntry(dice: Dice): string {
  const fields = Array.from(
    { length: dice.integer(0, 4) },
    () => `${dice.pick(SPACES)}${JSON.stringify(word(dice, NAMES))}:${makeValue(dice, 3)}`,
  );
  return `{${fields.join(',')}}`;
}

/** Checks that the finder of faults and Node's own parser agree. */
function compareWithNode(text: string): void {
  const fault = findJsonFault(text);
  let isParsed = true;
  try {
    JSON.parse(text);
  } catch {
    isParsed = false;
  }
  if (fault === undefined && !isParsed) throw new Error('A fault was overlooked.');
  if (fault !== undefined && isParsed && !STRICTER.test(fault.what))
    throw new Error(`No fault: ${fault.what}.`);
  if (
    fault !== undefined &&
    (fault.position < 0 || fault.position > text.length || fault.line < 1 || fault.column < 1)
  )
    throw new Error(`The fault is outside the text: ${fault.position}.`);
}

/** Bodies of bulk calls. */
export const json: FuzzTarget = {
  name: 'json',
  cases: 120_000,
  make(dice) {
    const schema = Uint8Array.of(dice.integer(0, SCHEMAS.length - 1));
    if (dice.chance(0.0005))
      return joinBytes([schema, Buffer.from(dice.pick(['[', '{"a":', '[1,', '0,']).repeat(DEEP))]);
    const entries = Array.from({ length: dice.integer(0, 3) }, () => makeEntry(dice));
    return joinBytes([schema, damagedText(`[${entries.join(',')}]`, dice)]);
  },
  run(input) {
    const bytes = input.subarray(1);
    try {
      parseBulkBody(SCHEMAS[(input[0] ?? 0) % SCHEMAS.length]!, bytes);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 400) throw error;
    }
    const text = textOf(bytes);
    if (text !== undefined) compareWithNode(text);
  },
};
