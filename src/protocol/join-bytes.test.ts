import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinBytes } from './join-bytes.ts';

test('joined bytes are the parts in order, in a buffer of their own', () => {
  const memory = Uint8Array.of(9, 1, 2, 9);
  const joined = joinBytes([memory.subarray(1, 3), new Uint8Array(0), Uint8Array.of(3)]);
  assert.deepEqual([...joined], [1, 2, 3]);
  assert.equal(joined.buffer.byteLength, 3);
  const alone = joinBytes([memory]);
  memory[0] = 0;
  assert.equal(alone[0], 9);
  assert.equal(joinBytes([]).length, 0);
});
