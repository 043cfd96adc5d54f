import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedMap } from './bounded-map.ts';

test('a bounded map drops the entries that were set longest ago', () => {
  const map = new BoundedMap<string, number>(3);
  for (const [index, key] of ['a', 'b', 'c', 'a', 'd'].entries()) map.set(key, index);
  assert.deepEqual(
    [...map],
    [
      ['c', 2],
      ['a', 3],
      ['d', 4],
    ],
  );
  assert.deepEqual([map.size, map.has('b'), map.get('a')], [3, false, 3]);
});

test('a bounded map keeps an entry that was touched', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  assert.equal(map.touch('a'), 1);
  assert.equal(map.touch('x'), undefined);
  map.set('c', 3);
  assert.deepEqual([...map].flat(), ['a', 1, 'c', 3]);
});

test('a bounded map of weights drops as many entries as a new one needs', () => {
  const map = new BoundedMap<string, Uint8Array>(10, ({ length }) => length);
  for (const key of ['a', 'b', 'c']) map.set(key, new Uint8Array(3));
  map.set('d', new Uint8Array(5));
  assert.deepEqual(
    [...map].map(([key]) => key),
    ['c', 'd'],
  );
  map.set('c', new Uint8Array(5));
  assert.equal(map.size, 2);
  map.delete('d');
  map.set('e', new Uint8Array(5));
  assert.equal(map.size, 2);
});

test('a bounded map of weights does not keep a value that exceeds the limit', () => {
  const map = new BoundedMap<string, Uint8Array>(10, ({ length }) => length);
  map.set('a', new Uint8Array(3));
  map.set('b', new Uint8Array(11));
  assert.equal(map.size, 0);
  map.set('c', new Uint8Array(10));
  assert.equal(map.size, 1);
});
