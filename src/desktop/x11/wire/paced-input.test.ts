import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pacedInput } from './paced-input.ts';

/** Takes the thread for some milliseconds. */
function work(ms: number): void {
  for (const endMs = performance.now() + ms; performance.now() < endMs; );
}

test('a flood from an X server is handled in turns, in its order, and is not read meanwhile', async () => {
  const calls: string[] = [];
  const stream = { destroyed: false, pause: () => calls.push('pause'), resume: () => calls.push('resume') };
  const parts: Buffer[] = [];
  const take = pacedInput(stream as never, (bytes) => {
    parts.push(Buffer.from(bytes));
    work(1);
  });
  const flood = Buffer.from(Array.from({ length: 20_000 }, (_, i) => i * 7));
  take(flood.subarray(0, 15_000));
  const atOnce = parts.length;
  assert.ok(atOnce <= 3, `${atOnce} slices at once`);
  // What was read before the pause still arrives.
  take(flood.subarray(15_000));
  assert.equal(parts.length, atOnce);
  assert.deepEqual(calls, ['pause']);
  while (!calls.includes('resume')) await nextTurn();
  assert.ok(Buffer.concat(parts).equals(flood));
});

test('what is handled quickly is handled at once', (t) => {
  // Other programs may take the processor in the middle, which would count as time of handling.
  t.mock.method(performance, 'now', () => 0);
  let bytes = 0;
  const fail = (): never => assert.fail('paused');
  const take = pacedInput({ destroyed: false, pause: fail, resume: fail } as never, (slice) => {
    bytes += slice.length;
  });
  take(Buffer.alloc(3000));
  assert.equal(bytes, 3000);
});

test('while an X server does not read the answers, nothing of what it sends is handled or read', () => {
  const calls: string[] = [];
  const stream = Object.assign(new EventEmitter(), {
    destroyed: false,
    writableNeedDrain: false,
    pause: () => calls.push('pause'),
    resume: () => calls.push('resume'),
  });
  let bytes = 0;
  const take = pacedInput(stream as never, (slice) => {
    bytes += slice.length;
    // Each slice is answered by more than the socket takes.
    stream.writableNeedDrain = true;
  });
  const drain = (): void => {
    stream.writableNeedDrain = false;
    stream.emit('drain');
  };
  take(Buffer.alloc(2500));
  assert.deepEqual([bytes, calls], [1024, ['pause']]);
  take(Buffer.alloc(500));
  assert.equal(bytes, 1024);
  drain();
  assert.equal(bytes, 2048);
  assert.ok(!calls.includes('resume'));
  drain();
  drain();
  assert.deepEqual([bytes, calls.at(-1)], [3000, 'resume']);
});
