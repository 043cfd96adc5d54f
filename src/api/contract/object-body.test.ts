import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem } from '../../http/problems/errors.ts';
import { parseObjectBody } from './object-body.ts';
import { Type } from './schema.ts';

const schema = Type.Object({
  text: Type.String({ minLength: 1, maxLength: 5 }),
  count: Type.Optional(Type.Integer({ minimum: 1, maximum: 9 })),
  on: Type.Optional(Type.Boolean()),
  kind: Type.Optional(Type.Enum(['a', 'b'] as const)),
  ids: Type.Optional(Type.Array(Type.String({ maxLength: 3 }), { maxItems: 2 })),
});

const parse = (text: string) => parseObjectBody(schema, Buffer.from(text));

test('the body of a call is an object with the fields of its schema', () => {
  const whole = { text: 'hello', count: 9, on: false, kind: 'b', ids: ['x', 'yyy'] };
  assert.deepEqual(parse(JSON.stringify(whole)), whole);
  assert.deepEqual(parse('{"text":"x"}'), { text: 'x' });
});

for (const [body, code, detail] of [
  ['', 'API_BODY_NOT_JSON', /ends too early/],
  ['[]', 'API_BODY_NOT_OBJECT', /object/],
  ['null', 'API_BODY_NOT_OBJECT', /object/],
  ['"text"', 'API_BODY_NOT_OBJECT', /object/],
  ['{}', 'API_FIELD_MISSING', /"text"/],
  ['{"text":"x","txet":"y"}', 'API_FIELD_UNKNOWN', /"txet"/],
  ['{"text":"x","__proto__":{}}', 'API_FIELD_UNKNOWN', /"__proto__"/],
  ['{"text":"x","text":"y"}', 'API_BODY_NOT_JSON', /twice/],
  ['{"text":""}', 'API_FIELD_INVALID', /"text" must be a text of 1 to 5 characters/],
  ['{"text":"secret"}', 'API_FIELD_INVALID', /"text"/],
  ['{"text":7}', 'API_FIELD_INVALID', /"text"/],
  ['{"text":"x","count":0}', 'API_FIELD_INVALID', /whole number from 1 to 9/],
  ['{"text":"x","count":1.5}', 'API_FIELD_INVALID', /whole number/],
  ['{"text":"x","count":"3"}', 'API_FIELD_INVALID', /whole number/],
  ['{"text":"x","on":1}', 'API_FIELD_INVALID', /true or false/],
  ['{"text":"x","kind":"c"}', 'API_FIELD_INVALID', /one of a, b/],
  ['{"text":"x","ids":"x"}', 'API_FIELD_INVALID', /a list of 0 to 2 entries/],
  ['{"text":"x","ids":["a","b","c"]}', 'API_FIELD_INVALID', /a list of 0 to 2 entries/],
  ['{"text":"x","ids":["a",7]}', 'API_FIELD_INVALID', /each entry a text/],
] as const) {
  test(`the body ${body || '""'} is refused with ${code}, without its values`, () => {
    assert.throws(
      () => parse(body),
      (error: Problem) => {
        assert.equal(error.code, code);
        assert.match(error.detail, detail);
        assert.doesNotMatch(error.detail, /secret/);
        return true;
      },
    );
  });
}
