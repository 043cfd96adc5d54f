import assert from 'node:assert/strict';
import { test } from 'node:test';
import { docsPage } from './docs-page.ts';
import { oneOrList, parseOneOrList } from './one-or-list.ts';
import { Type } from './schema.ts';

const MOST = 3;
const Named = Type.Object({
  name: Type.String({ maxLength: 4 }),
  size: Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Type.Null()])),
  by: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 2 }))),
});
const schema = oneOrList(Named, Named, MOST);
const parse = (body: unknown): unknown => parseOneOrList(schema, Buffer.from(JSON.stringify(body)));

test('a body is one object, or a list of 1 up to as many as there may be', () => {
  const one = { name: 'a', size: null, by: { x: 'y' } };
  assert.deepEqual(parse(one), one);
  for (const count of [1, MOST]) assert.deepEqual(parse(Array(count).fill(one)), Array(count).fill(one));
  for (const count of [0, MOST + 1])
    assert.throws(() => parse(Array(count).fill(one)), { code: 'API_LIST_LENGTH', status: 400 });
});

test('every entry that is wrong is named with its reason, and never with its value', () => {
  const wrong: readonly (readonly [entry: unknown, code: string])[] = [
    [{}, 'API_FIELD_MISSING'],
    [{ name: 'secret' }, 'API_FIELD_INVALID'],
    [{ name: 'a', size: 0 }, 'API_FIELD_INVALID'],
    [{ name: 'a', size: 'secret' }, 'API_FIELD_INVALID'],
    [{ name: 'a', by: { x: 'secret' } }, 'API_FIELD_INVALID'],
    [{ name: 'a', by: [] }, 'API_FIELD_INVALID'],
    [{ name: 'a', other: 'secret' }, 'API_FIELD_UNKNOWN'],
    ['secret', 'API_FIELD_INVALID'],
    [null, 'API_FIELD_INVALID'],
    [[], 'API_FIELD_INVALID'],
  ];
  for (const [entry, code] of wrong) {
    assert.throws(
      () => parse([{ name: 'a' }, entry]),
      (error: Error & { code: string; errors: readonly { index: number; code: string }[] }) =>
        error.code === code && error.errors[0]?.index === 1 && !JSON.stringify(error).includes('secret'),
      JSON.stringify(entry),
    );
    assert.throws(() => parse([entry, { name: 'a' }, entry]), { code: 'API_ENTRIES_INVALID' });
  }
  assert.throws(() => parse('secret'), { code: 'API_BODY_NOT_OBJECT' });
  assert.throws(() => parseOneOrList(schema, Buffer.from('[')), { code: 'API_BODY_NOT_JSON' });
});

test('the page of calls has the fields of one entry', () => {
  const call = {
    method: 'POST',
    path: '/api/x',
    operationId: 'x',
    summary: 'x',
    parameters: [],
    answers: {},
  };
  const page = docsPage('1', [{ ...call, body: { 'application/json': schema } }]);
  assert.match(page, /<td><code>size<\/code><\/td><td>integer 1– or null<\/td>/);
});
