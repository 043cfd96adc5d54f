import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CaptureAnswer, type PlainCapture } from './capture-answer.ts';

const captureOf = (width: number): PlainCapture => ({
  size: { width, height: 2 * width },
  readUs: 3 * width,
  compareUs: 4 * width,
});

test('each answer of the frame thread is taken once, also one that is given while the last one is taken', async () => {
  const main = new CaptureAnswer();
  const frameThread = new CaptureAnswer(main.buffer);
  const taken: [number, PlainCapture][] = [];
  const following = main.follow((request, capture) => {
    taken.push([request, capture]);
    if (request < 5) frameThread.give(request + 1, captureOf(request + 1));
    else main.close();
  });
  frameThread.give(1, captureOf(1));
  await following;
  assert.deepEqual(
    taken,
    [1, 2, 3, 4, 5].map((request) => [request, captureOf(request)]),
  );
});

test('an answer that is closed is not followed any more', async () => {
  const main = new CaptureAnswer();
  const following = main.follow(() => assert.fail('nothing was answered'));
  main.close();
  await following;
});
