import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type as TypeBox } from 'typebox';
import { Type } from './schema.ts';

const bounds = { minimum: 1, maximum: 9, default: 3, description: 'A number' };

/** Builds one schema of every kind. */
const build = (type: typeof Type) =>
  type.Object(
    {
      integer: type.Integer(bounds),
      number: type.Number(),
      boolean: type.Optional(type.Boolean({ default: false })),
      list: type.Array(type.String({ minLength: 1 }), { maxItems: 4 }),
      choice: type.Optional(type.Enum(['a', 'b'] as const, { default: 'a' })),
      nothing: type.Union([type.Null(), type.Object({})]),
      byName: type.Record(type.String(), type.Object({ inner: type.Optional(type.String()) })),
    },
    { description: 'All kinds' },
  );

test('the builders of JSON schemas make the same ones as TypeBox', () => {
  const asJson = (schema: unknown): unknown => JSON.parse(JSON.stringify(schema));
  assert.deepEqual(asJson(build(Type)), asJson(build(TypeBox)));
});

test('making a schema optional leaves the schema it is made from required', () => {
  const name = Type.String();
  assert.deepEqual(Type.Object({ name, other: Type.Optional(name) }).required, ['name']);
});
