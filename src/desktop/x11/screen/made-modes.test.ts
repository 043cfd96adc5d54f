import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MadeMode, MadeModes } from './made-modes.ts';

const mode = (id: number): MadeMode => ({ id, name: `mode ${id}` });
const ids = (modes: readonly MadeMode[]): number[] => modes.map(({ id }) => id);

test('the current mode and the three used before it are kept', () => {
  const made = new MadeModes(false);
  for (const id of [1, 2, 3, 4]) assert.deepEqual(ids(made.use(mode(id))), []);
  assert.deepEqual(ids(made.use(mode(5))), [1]);
  assert.deepEqual(ids(made.use(mode(2))), [], 'used again');
  assert.deepEqual(ids(made.use(mode(6))), [3]);
  assert.deepEqual(ids(made.all), [4, 5, 2, 6]);
});

test('three modes are kept while the display uses a mode of its own', () => {
  const made = new MadeModes(false);
  for (const id of [1, 2, 3, 4]) made.use(mode(id));
  assert.deepEqual(ids(made.useForeign()), [1]);
  assert.deepEqual(ids(made.useForeign()), []);
});

test('all modes are deleted when we leave', () => {
  const made = new MadeModes(false);
  for (const id of [1, 2]) made.use(mode(id));
  assert.deepEqual(ids(made.leave()), [1, 2]);
  assert.deepEqual(made.all, []);
});

test('a mode that the server does not list, or lists with another name, is not ours any more', () => {
  const made = new MadeModes(false);
  for (const id of [1, 2, 3]) made.use(mode(id));
  made.keepOnly([mode(1), { id: 2, name: 'the mode of another program' }]);
  assert.deepEqual(ids(made.all), [1]);
  assert.equal(made.has(2), false);
});

test('the original mode is the first one that was not made by us', () => {
  const made = new MadeModes(false);
  made.use(mode(1));
  made.left(mode(1));
  assert.equal(made.original, undefined);
  made.left(mode(7));
  made.left(mode(8));
  assert.deepEqual(made.original, mode(7));
  made.keepOnly([mode(8)]);
  assert.equal(made.original, undefined, 'the server was started again');
});
