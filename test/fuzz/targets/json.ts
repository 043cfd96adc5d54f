import type { TArray, TObject } from 'typebox';
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
/** Values of fields by their type. */
const VALID: Readonly<Record<string, readonly string[]>> = {
  string: ['"fred"', '"x\\u00e4"', '""'],
  boolean: ['true', 'false'],
};
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

/** Makes an entry that a call accepts. */
function makeValid(dice: Dice, schema: TArray): string {
  const { properties, required } = schema.items as TObject;
  const isRequired = (name: string): boolean =>
    (required as readonly string[] | undefined)?.includes(name) ?? false;
  const fields = Object.entries(properties as Record<string, { type?: string }>)
    .filter(([name]) => isRequired(name) || dice.chance(0.5))
    .map(([name, { type }]) => `${dice.pick(SPACES)}"${name}":${dice.pick(VALID[type ?? ''] ?? ['null'])}`);
  return `{${fields.join(`,${dice.pick(SPACES)}`)}}`;
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
  reaches: ['accepted', 'several entries', 'refused by the schema', 'refused as JSON'],
  make(dice) {
    const schema = Uint8Array.of(dice.integer(0, SCHEMAS.length - 1));
    if (dice.chance(0.0005))
      return joinBytes([schema, Buffer.from(dice.pick(['[', '{"a":', '[1,', '0,']).repeat(DEEP))]);
    const isValid = dice.chance(0.5);
    const entries = Array.from({ length: dice.integer(0, 3) }, () =>
      isValid ? makeValid(dice, SCHEMAS[schema[0]!]!) : makeEntry(dice),
    );
    return joinBytes([schema, damagedText(`[${entries.join(',')}]`, dice)]);
  },
  run(input, reached) {
    const bytes = input.subarray(1);
    const text = textOf(bytes);
    try {
      const entries = parseBulkBody(SCHEMAS[(input[0] ?? 0) % SCHEMAS.length]!, bytes);
      reached('accepted');
      if (entries.length > 1) reached('several entries');
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 400) throw error;
      reached(
        text !== undefined && findJsonFault(text) === undefined ? 'refused by the schema' : 'refused as JSON',
      );
    }
    if (text !== undefined) compareWithNode(text);
  },
};
