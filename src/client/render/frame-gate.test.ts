import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameGate, MOST_SMALL, SMALL_PX } from './frame-gate.ts';

/** A gate whose frames of the display come when the test says so. */
function createGate() {
  const frames: (() => void)[] = [];
  const place = { isSeen: true };
  const gate = new FrameGate(
    () => new Promise((resolve) => frames.push(resolve)),
    () => place.isSeen,
  );
  const show = async (): Promise<void> => {
    for (const frame of frames.splice(0)) frame();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { gate, place, frames, show };
}

const LARGE_PX = SMALL_PX + 1;

test('the first drawing of a frame passes at once, however large it is', () => {
  const { gate } = createGate();
  assert.equal(gate.passesNow(LARGE_PX), true);
});

test('a large drawing waits until the browser has shown the one before', async () => {
  const { gate, show } = createGate();
  gate.passesNow(1);
  let hasPassed = false;
  const passing = gate.pass(LARGE_PX).then(() => {
    hasPassed = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(hasPassed, false);
  await show();
  await passing;
  assert.equal(gate.passesNow(LARGE_PX), false);
});

test('a small drawing behind a large one passes at once', () => {
  const { gate, frames } = createGate();
  gate.passesNow(LARGE_PX);
  assert.equal(gate.passesNow(200 * 24), true);
  assert.equal(frames.length, 1);
});

test('small drawings of one frame are bounded in number', async () => {
  const { gate, show } = createGate();
  gate.passesNow(1);
  for (let i = 0; i < MOST_SMALL; i++) assert.equal(gate.passesNow(1), true);
  assert.equal(gate.passesNow(1), false);
  await show();
  assert.equal(gate.passesNow(1), true);
  assert.equal(gate.passesNow(1), true);
});

test('small drawings of one frame are bounded in pixels', () => {
  const { gate } = createGate();
  gate.passesNow(1);
  assert.equal(gate.passesNow(SMALL_PX), true);
  assert.equal(gate.passesNow(1), false);
});

test('in a page that is not seen, nothing waits', async () => {
  const { gate, place, frames } = createGate();
  place.isSeen = false;
  for (let i = 0; i < 2 * MOST_SMALL; i++) await gate.pass(LARGE_PX);
  assert.equal(frames.length, 1);
});
