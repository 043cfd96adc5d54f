import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseParameters } from './parameters.ts';
import { Type } from './schema.ts';

const schema = Type.Object({
  name: Type.String(),
  flag: Type.Optional(Type.Boolean()),
  size: Type.Optional(Type.Integer({ minimum: 1, maximum: 9 })),
  mode: Type.Enum(['fast', 'slow'] as const, { default: 'fast' }),
});
const read = (query: string) => parseParameters(schema, query);
const refuses = (query: string, code: string, named: string) =>
  assert.throws(
    () => read(query),
    (error: { code: string; detail: string }) => error.code === code && error.detail.includes(named),
    query,
  );

test('parameter values are percent-decoded once, and + is a space', () => {
  assert.equal(read('name=a%2525+b%2B%C3%A9').name, 'a%25 b+é');
  assert.equal(read('%6eame=x').name, 'x');
});

test('booleans are true and false in any letter case, 1 and 0', () => {
  for (const yes of ['true', 'TRUE', 'True', '1']) assert.equal(read(`name=x&flag=${yes}`).flag, true);
  for (const no of ['false', 'FALSE', 'fAlse', '0']) assert.equal(read(`name=x&flag=${no}`).flag, false);
  for (const bad of ['', 'yes', 'on', '2', 'true%20', 'null'])
    refuses(`name=x&flag=${bad}`, 'API_PARAMETER_INVALID', 'flag');
});

test('whole numbers have only digits and are within their range', () => {
  assert.equal(read('name=x&size=9').size, 9);
  for (const bad of ['0', '10', '-1', '1.0', '1e0', '0x1', '+1', '', '%201']) {
    refuses(`name=x&size=${bad}`, 'API_PARAMETER_INVALID', 'size');
  }
});

test('an absent parameter has its default, is optional, or is an error', () => {
  assert.deepEqual(read('name=x'), { name: 'x', mode: 'fast' });
  assert.deepEqual(read('name=x&mode=slow&'), { name: 'x', mode: 'slow' });
  refuses('name=x&mode=medium', 'API_PARAMETER_INVALID', 'mode');
  refuses('flag=1', 'API_PARAMETER_MISSING', 'name');
});

test('the error for an unknown or repeated parameter has its name', () => {
  refuses('name=x&nmae=y', 'API_PARAMETER_UNKNOWN', 'nmae');
  refuses('name=x&Name=y', 'API_PARAMETER_UNKNOWN', 'Name');
  refuses('name=x&__proto__=y', 'API_PARAMETER_UNKNOWN', '__proto__');
  refuses('name=x&constructor=y', 'API_PARAMETER_UNKNOWN', 'constructor');
  refuses('name=x&name=x', 'API_PARAMETER_REPEATED', 'name');
  refuses('name=x&%6eame=y', 'API_PARAMETER_REPEATED', 'name');
});

test('a value that is not percent-encoded UTF-8 is refused, and the error does not repeat it', () => {
  for (const bad of ['%', '%2', '%zz', '%ff', '%C3']) {
    refuses(`name=secret${bad}`, 'API_QUERY_INVALID', 'name');
    assert.throws(
      () => read(`name=secret${bad}`),
      (error: Error) => !error.message.includes('secret'),
    );
  }
  refuses('%zz=1', 'API_QUERY_INVALID', 'query');
});
