import type { Dice } from '../../../bench/scenes/dice.ts';
import { userCalls } from '../../../src/api/calls/users.ts';
import { parseParameters } from '../../../src/api/contract/parameters.ts';
import { Type } from '../../../src/api/contract/schema.ts';
import { Problem } from '../../../src/http/problems/errors.ts';
import { joinBytes } from '../../../src/protocol/join-bytes.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { damagedText, word } from '../text.ts';

/** A call with all types of parameters that the API has. */
const EVERY_TYPE = Type.Object({
  width: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535 })),
  quality: Type.Integer({ minimum: 0, maximum: 9, default: 7 }),
  deduplicate: Type.Boolean({ default: false }),
  format: Type.Enum(['jpeg', 'png', 'webp'] as const, { default: 'jpeg' }),
  client: Type.String(),
});

// The handlers are not called, so the calls need no accounts.
const SCHEMAS = [EVERY_TYPE, ...userCalls(undefined as never).map(({ parameters }) => parameters)];
const NAMES = [...new Set(SCHEMAS.flatMap(({ properties }) => Object.keys(properties)))];
const VALUES = [
  'fred',
  '123',
  'true',
  'FALSE',
  '1',
  '0',
  'png',
  '65535',
  '-1',
  '1.5',
  'a+b',
  '%C3%A4',
  '%',
  '%e2%82',
];

/** Values that parameters of a type take. Enumerations have their own. */
const VALID: Readonly<Record<string, readonly string[]>> = {
  integer: ['7', '1', '9'],
  boolean: ['true', 'FALSE', '1', '0', ''],
  string: ['fred', 'secret-secret', 'a+b', '%C3%A4'],
};

/** Makes a query that a call accepts. */
function makeValid(dice: Dice, { properties, required }: (typeof SCHEMAS)[number]): string[] {
  const isRequired = (name: string): boolean =>
    (required as readonly string[] | undefined)?.includes(name) ?? false;
  return Object.entries(properties as Record<string, { type?: string; enum?: string[] }>)
    .filter(([name]) => isRequired(name) || dice.chance(0.5))
    .map(
      ([name, { type, enum: choices }]) => `${name}=${dice.pick(choices ?? VALID[type ?? 'string'] ?? [''])}`,
    );
}

/** Values shorter than this may be part of an error's own words. */
const LEAST_SECRET_LENGTH = 8;

/** Whether an error repeats a value of the query, which may be a password. */
function repeatsValue(detail: string, query: string): boolean {
  const pairs = query.split('&').map((pair) => pair.split('='));
  // Errors show names, decoded, as JSON has them. Part of such a name may look like a value.
  const names = pairs
    .flatMap(([name = '']) => [name, ...new URLSearchParams(name).keys()])
    .map((name) => `${name} ${JSON.stringify(name)}`)
    .join(' ');
  return pairs.some(([, ...rest]) => {
    const value = rest.join('=');
    return value.length >= LEAST_SECRET_LENGTH && detail.includes(value) && !names.includes(value);
  });
}

/** Queries of API calls. */
export const query: FuzzTarget = {
  name: 'query',
  cases: 150_000,
  reaches: ['accepted', 'several values', 'refused'],
  make(dice) {
    const call = dice.integer(0, SCHEMAS.length - 1);
    const pairs = dice.chance(0.5)
      ? makeValid(dice, SCHEMAS[call]!)
      : Array.from(
          { length: dice.integer(0, 5) },
          () => `${word(dice, NAMES)}${dice.chance(0.9) ? '=' : ''}${word(dice, VALUES)}`,
        );
    return joinBytes([Uint8Array.of(call), damagedText(pairs.join('&'), dice)]);
  },
  run(input, reached) {
    const schema = SCHEMAS[(input[0] ?? 0) % SCHEMAS.length]!;
    // The bytes of a request's address are Latin-1 when Node.js hands them on.
    const text = Buffer.from(input.subarray(1)).toString('latin1');
    try {
      const values = parseParameters(schema, text) as Record<string, unknown>;
      reached('accepted');
      if (Object.keys(values).length > 1) reached('several values');
      for (const [name, value] of Object.entries(values)) {
        if (!Object.hasOwn(schema.properties, name)) throw new Error(`There is a parameter ${name}.`);
        if (!['string', 'boolean', 'number'].includes(typeof value)) throw new Error(`${name} is ${value}.`);
      }
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 400) throw error;
      reached('refused');
      if (repeatsValue(error.detail, text)) throw new Error(`The error has a value in it: ${error.detail}`);
    }
  },
};
