// When a viewer has to wait with its input.
import assert from 'node:assert/strict';
import { preparedTest } from '../../../test/support/prepared-test.ts';
import type { DesktopInput } from '../../desktop/desktop.ts';
import { ViewerInput } from './input.ts';
import { KEY_RATE } from './input-budget.ts';

const KEY_A = 97;
const CODE_A = 0x1e;
const SCROLL_STEP = 120;

/** Key events of the desktop. */
let keys: number;
/** What the desktop has a writer wait for. */
let taking: Promise<void> | undefined;
let nowMs: number;
let timers: { readonly atMs: number; readonly action: () => void }[];
let input: ViewerInput;

const desktop: DesktopInput = {
  movePointer: () => undefined,
  nudgePointer: () => undefined,
  button: () => undefined,
  key: () => {
    keys++;
  },
  whenTaking: () => taking,
  releaseAll: () => undefined,
  close: () => undefined,
};

const test = preparedTest(() => {
  keys = 0;
  taking = undefined;
  nowMs = 0;
  timers = [];
  input = new ViewerInput(desktop, {
    nowMs: () => nowMs,
    after: (ms, action) => {
      timers.push({ atMs: nowMs + ms, action });
      return () => undefined;
    },
  });
});

test('a viewer that types more than the budget waits, and all of it is typed', async () => {
  const pressA = { type: 'key', keysym: KEY_A, down: true, keycode: CODE_A } as const;
  for (let i = 0; i < KEY_RATE.burst; i++) {
    const wait = input.whenTaking(pressA);
    if (wait) {
      const { atMs, action } = timers.pop()!;
      nowMs = atMs;
      action();
      await wait;
      assert.equal(input.whenTaking(pressA), undefined);
    }
    input.key(pressA);
    assert.equal(input.whenTaking({ ...pressA, down: false }), undefined, 'a release waits for nothing');
    input.key({ ...pressA, down: false });
  }
  assert.equal(keys, 2 * KEY_RATE.burst);
});

test('presses of keys and buttons and the wheel wait for a desktop that takes none, moves and releases do not', () => {
  const message = { type: 'pointer', x: 1, y: 2, buttonMask: 1, scrollX: 0, scrollY: 0 } as const;
  input.pointer(message);
  taking = Promise.resolve();
  assert.equal(input.whenTaking(message), undefined);
  assert.equal(input.whenTaking({ ...message, buttonMask: 0 }), undefined);
  assert.equal(input.whenTaking({ type: 'key', keysym: KEY_A, down: false, keycode: 0 }), undefined);
  assert.equal(input.whenTaking({ type: 'keepAlive' }), undefined);
  assert.equal(input.whenTaking({ ...message, buttonMask: 3 }), taking);
  assert.equal(input.whenTaking({ ...message, scrollY: SCROLL_STEP }), taking);
  assert.equal(input.whenTaking({ type: 'key', keysym: KEY_A, down: true, keycode: 0 }), taking);
});
