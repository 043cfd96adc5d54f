import assert from 'node:assert/strict';
import { test } from 'node:test';
import { READER_LIMIT, ReadRate, WRITER_LIMIT } from './read-rate.ts';

const LIMIT = { bytesPerSecond: 1000, burstBytes: 500 };

test('a burst is read without a pause, and further bytes at the rate', () => {
  const rate = new ReadRate();
  rate.read(372, 1, 0, LIMIT);
  assert.equal(rate.pauseMs(0, LIMIT), 0);
  rate.read(72, 1, 0, LIMIT);
  assert.equal(rate.pauseMs(0, LIMIT), 200);
  assert.equal(rate.pauseMs(150, LIMIT), 50);
  assert.equal(rate.pauseMs(200, LIMIT), 0);
});

test('a quiet time allows for no more than one burst', () => {
  const rate = new ReadRate();
  rate.read(1000, 1, 0, LIMIT);
  rate.read(1000, 1, 1e6, LIMIT);
  assert.equal(rate.pauseMs(1e6, LIMIT), 628);
});

test('reads and messages count more than their bytes', () => {
  const rate = new ReadRate();
  for (let i = 0; i < 2; i++) rate.read(2, 4, 0, LIMIT);
  assert.equal(rate.pauseMs(0, LIMIT), 144);
});

test('a viewer that may write has room for the longest clipboard in a second', () => {
  const rate = new ReadRate();
  for (let bytes = 0; bytes < 20 << 20; bytes += 16_384) rate.read(16_384, 0, 0, WRITER_LIMIT);
  assert.ok(rate.pauseMs(0, WRITER_LIMIT) < 1000);
});

test('no message, however large, stops reading for longer than a second', () => {
  const rate = new ReadRate();
  rate.read(20 << 20, 1, 0, READER_LIMIT);
  assert.equal(rate.pauseMs(0, READER_LIMIT), 1000);
  assert.equal(rate.pauseMs(1000, READER_LIMIT), 0);
});

test('a viewer that is given the right to write while reading is paused may be read at once', () => {
  const rate = new ReadRate();
  rate.read(20 << 20, 1, 0, READER_LIMIT);
  assert.equal(rate.pauseMs(0, WRITER_LIMIT), 0);
  rate.read(20 << 20, 1, 0, WRITER_LIMIT);
  assert.equal(rate.pauseMs(0, READER_LIMIT), 1000);
});
