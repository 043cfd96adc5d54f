import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputQueue, type InputStep, MAX_WAITING_PRESSES } from './input-queue.ts';

const move = (x: number, y: number): InputStep => ({ kind: 'move', x, y });
const nudge = (dx: number, dy: number): InputStep => ({ kind: 'nudge', dx, dy });
const key = (keysym: number, down: boolean, evdev = 0): InputStep => ({ kind: 'key', keysym, down, evdev });
const button = (number: number, down: boolean): InputStep => ({ kind: 'button', button: number, down });

function queued(...steps: InputStep[]): InputStep[] {
  const queue = new InputQueue();
  for (const step of steps) queue.push(step);
  return drained(queue);
}

function drained(queue: InputQueue): InputStep[] {
  const steps: InputStep[] = [];
  for (let step = queue.first; step; step = queue.first) {
    steps.push(step);
    queue.shift();
  }
  return steps;
}

for (const [name, steps, expected] of [
  ['moves that follow each other become the newest', [move(1, 2), move(3, 4)], [move(3, 4)]],
  ['distances that follow each other are added', [nudge(1, 2), nudge(3, -4)], [nudge(4, -2)]],
  ['a distance after a place moves the place', [move(1, 2), nudge(3, 4)], [move(4, 6)]],
  ['a place after a distance replaces it', [nudge(3, 4), move(1, 2)], [move(1, 2)]],
  [
    'a click keeps the moves before and behind it apart',
    [move(1, 1), button(1, true), move(2, 2), move(3, 3), button(1, false)],
    [move(1, 1), button(1, true), move(3, 3), button(1, false)],
  ],
  ['a release without a press is ignored', [key(97, false), button(1, false)], []],
  [
    'a second release is ignored',
    [key(97, true), key(97, false), key(97, false)],
    [key(97, true), key(97, false)],
  ],
  [
    'a release may name another keysym of the same physical key',
    [key(65, true, 30), key(97, false, 30)],
    [key(65, true, 30), key(97, false, 30)],
  ],
] as const) {
  test(`input queue: ${name}`, () => {
    assert.deepEqual(queued(...steps), expected);
  });
}

test('a full queue drops presses, keeps every release that is due, and takes no more memory', () => {
  const queue = new InputQueue();
  queue.push(key(1, true));
  queue.push(button(1, true));
  drained(queue);
  for (let i = 0; i < 10 * MAX_WAITING_PRESSES; i++) {
    queue.push(key(1000 + i, true));
    queue.push(nudge(1, 1));
    queue.push(move(i, i));
    queue.push(key(1000 + i, false));
    queue.push(button(3, true));
    queue.push(button(3, false));
  }
  queue.push(key(1, false));
  queue.push(button(1, false));
  assert.ok(queue.length <= 4 * MAX_WAITING_PRESSES + 4, `${queue.length} steps`);
  const steps = drained(queue);
  const pressed = steps.filter((step) => 'down' in step && step.down);
  const released = steps.filter((step) => 'down' in step && !step.down);
  assert.equal(pressed.length, MAX_WAITING_PRESSES);
  assert.equal(released.length, MAX_WAITING_PRESSES + 2);
  assert.deepEqual(steps.slice(-2), [key(1, false), button(1, false)]);
});

test('a queue that was emptied takes as much as a new one', () => {
  const queue = new InputQueue();
  for (let i = 0; i < 2 * MAX_WAITING_PRESSES; i++) queue.push(key(1000 + i, true));
  queue.clear();
  assert.equal(queue.length, 0);
  queue.push(key(1000, false));
  assert.equal(queue.first, undefined);
  for (let i = 0; i < 2 * MAX_WAITING_PRESSES; i++) queue.push(key(1000 + i, true));
  assert.equal(queue.length, MAX_WAITING_PRESSES);
});
