import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteQueue } from './byte-queue.ts';

test('a byte queue returns what was pushed, in order, in portions of any length', () => {
  const portion = fc.uint8Array({ maxLength: 9000 });
  const takes = fc.array(fc.nat(9000), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(portion, { maxLength: 20 }), takes, (portions, lengths) => {
      const queue = new ByteQueue();
      const pushed: number[] = [];
      const taken: number[] = [];
      for (const [i, bytes] of portions.entries()) {
        queue.push(bytes);
        pushed.push(...bytes);
        taken.push(...queue.take(Math.min(lengths[i] ?? 0, queue.length)));
      }
      taken.push(...queue.take());
      assert.deepEqual(taken, pushed);
      assert.equal(queue.length, 0);
    }),
    { numRuns: 50 },
  );
});

test('a byte queue reads big-endian numbers at any offset', () => {
  const queue = new ByteQueue();
  queue.push(Uint8Array.of(0, 0xff, 0xfe, 0x80, 0x01, 0x02));
  queue.skip(1);
  assert.equal(queue.peekU8(0), 0xff);
  assert.equal(queue.peekU16(0), 0xfffe);
  assert.equal(queue.peekS16(0), -2);
  assert.equal(queue.peekU32(0), 0xfffe8001);
  assert.equal(queue.peekS32(1), -25165566);
  assert.deepEqual([...queue.peekBytes(3, 2)], [1, 2]);
});

test('bytes taken from a queue do not change later', () => {
  const queue = new ByteQueue();
  queue.push(Uint8Array.of(1, 2, 3));
  const taken = queue.take(2);
  queue.take();
  queue.push(Uint8Array.of(9, 9, 9));
  assert.deepEqual([...taken], [1, 2]);
});

test('many bytes that are taken over stay as they are, and what follows them is still there', () => {
  const queue = new ByteQueue();
  queue.push(Uint8Array.of(7));
  queue.push(new Uint8Array(2 << 20).fill(8));
  queue.push(Uint8Array.of(9, 10));
  queue.skip(1);
  const taken = queue.takeOver(2 << 20);
  assert.ok(queue.capacityBytes < 1 << 20, `${queue.capacityBytes} bytes`);
  queue.push(new Uint8Array(3 << 20));
  assert.ok(Buffer.from(taken).equals(Buffer.alloc(2 << 20, 8)));
  assert.deepEqual([...queue.takeOver(2)], [9, 10]);
});

test('a queue gives back the memory of a large message although the beginning of the next one waits', () => {
  const queue = new ByteQueue();
  queue.push(new Uint8Array(8 << 20));
  queue.push(Uint8Array.of(1, 2, 3));
  queue.skip(8 << 20);
  assert.ok(queue.capacityBytes < 1 << 20, `${queue.capacityBytes} bytes`);
  queue.push(Uint8Array.of(4));
  assert.deepEqual([...queue.take()], [1, 2, 3, 4]);
});

test('a byte queue refuses to read beyond its end', () => {
  const queue = new ByteQueue();
  queue.push(Uint8Array.of(1, 2, 3));
  assert.throws(() => queue.peekU32(0), RangeError);
  assert.throws(() => queue.peekU8(3), RangeError);
  assert.throws(() => queue.take(4), RangeError);
  assert.throws(() => queue.skip(-1), RangeError);
});

test('a byte queue refuses more bytes than its limit', () => {
  const queue = new ByteQueue(10);
  queue.push(new Uint8Array(10));
  assert.throws(() => queue.push(new Uint8Array(1)), { code: 'RFB_MESSAGE_TOO_LARGE' });
  queue.skip(1);
  queue.push(new Uint8Array(1));
});

test('a long stream through a small queue copies each byte a bounded number of times', () => {
  const queue = new ByteQueue(1 << 16);
  const portion = new Uint8Array(1000);
  queue.push(portion);
  // The queue is never empty, so its buffer must be compacted again and again. If it only grew, it would hit its
  // limit.
  for (let i = 0; i < 10_000; i++) {
    queue.push(portion);
    queue.skip(1000);
  }
  assert.equal(queue.length, 1000);
});
