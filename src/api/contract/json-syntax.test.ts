import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findJsonFault } from './json-syntax.ts';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('a valid JSON text has no fault', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.equal(findJsonFault(text), undefined);
    }),
  );
  for (const text of [' [ ] ', '{ }', '"\\u00e9\\n"', '-0.5e+3', '[{"a":[1,{}]},null,true]']) {
    assert.equal(findJsonFault(text), undefined, text);
  }
});

test('a JSON text with one character changed or removed has a fault if JSON.parse rejects it', () => {
  const mutilated = fc.tuple(fc.json(), fc.nat(), fc.constantFrom('', '"', '{', ',', '\\', '0', '\n', ']'));
  fc.assert(
    fc.property(mutilated, ([text, at, put]) => {
      const index = at % text.length;
      const bad = text.slice(0, index) + put + text.slice(index + 1);
      const fault = findJsonFault(bad);
      // JSON.parse accepts a repeated name, which is a fault here.
      if (fault?.what !== 'this field is given twice') assert.equal(fault === undefined, isJson(bad), bad);
    }),
    { numRuns: 2000 },
  );
});

test('the fault in a JSON text has its position, line and column', () => {
  const placeOf = (text: string) => {
    const fault = findJsonFault(text);
    return fault && [fault.position, fault.line, fault.column];
  };
  assert.deepEqual(placeOf('[{"user":"a"}'), [13, 1, 14]);
  assert.deepEqual(placeOf('[\n  {"user" "a"}\n]'), [12, 2, 11]);
  assert.deepEqual(placeOf('[1,]'), [3, 1, 4]);
  assert.deepEqual(placeOf('[1] x'), [4, 1, 5]);
  assert.deepEqual(placeOf(''), [0, 1, 1]);
  assert.deepEqual(placeOf('[{"a":1,"a":2}]'), [8, 1, 9]);
});

test('a long text in quotes has no fault, and brackets of any depth overflow no stack', () => {
  const depth = 500_000;
  assert.match(findJsonFault('['.repeat(depth) + ']'.repeat(depth))!.what, /levels deep/);
  assert.equal(findJsonFault(`"${'x\\n'.repeat(350_000)}"`), undefined);
  assert.equal(findJsonFault(`"${'é'.repeat(1_000_000)}"`), undefined);
});

test('a JSON text has at most 32 levels of brackets and 20,000 values', () => {
  const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  assert.equal(findJsonFault(deep(32)), undefined);
  assert.deepEqual([findJsonFault(deep(33))?.position, findJsonFault(deep(33))?.column], [32, 33]);
  // The list itself is a value too.
  const list = (count: number) => `[${Array(count).fill('1').join(',')}]`;
  assert.equal(findJsonFault(list(19_999)), undefined);
  assert.match(findJsonFault(list(20_000))!.what, /more than 20000 values/);
});
