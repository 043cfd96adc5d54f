import assert from 'node:assert/strict';
import { test } from 'node:test';
import { READER_LIMIT, ReadRate, WRITER_LIMIT } from './read-rate.ts';

const LIMIT = { bytesPerSecond: 1000, burstBytes: 500 };

test('a burst is read without a pause, and further bytes at the rate', () => {
  const rate = new ReadRate();
  rate.read(436, 0, LIMIT);
  assert.equal(rate.pauseMs(0, LIMIT), 0);
  rate.read(136, 0, LIMIT);
  assert.equal(rate.pauseMs(0, LIMIT), 200);
  assert.equal(rate.pauseMs(150, LIMIT), 50);
  assert.equal(rate.pauseMs(200, LIMIT), 0);
});

test('a quiet time allows for no more than one burst', () => {
  const rate = new ReadRate();
  rate.read(1000, 0, LIMIT);
  rate.read(1000, 1e6, LIMIT);
  assert.equal(rate.pauseMs(1e6, LIMIT), 564);
});

test('portions of one byte count more than their bytes', () => {
  const rate = new ReadRate();
  for (let i = 0; i < 10; i++) rate.read(1, 0, LIMIT);
  assert.equal(rate.pauseMs(0, LIMIT), 150);
});

test('a viewer that may write has room for the longest clipboard in a second', () => {
  const rate = new ReadRate();
  rate.read(20 << 20, 0, WRITER_LIMIT);
  assert.ok(rate.pauseMs(0, WRITER_LIMIT) < 1000);
  assert.ok(rate.pauseMs(0, READER_LIMIT) > 1000);
});
