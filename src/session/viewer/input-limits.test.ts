import assert from 'node:assert/strict';
import { suite } from 'node:test';
import { preparedTest } from '../../../test/support/prepared-test.ts';
import type { DlpRules } from '../../config/dlp/dlp-settings.ts';
import { NO_DLP } from '../../config/dlp/read-dlp.ts';
import type { DesktopInput } from '../../desktop/desktop.ts';
import { createLimits } from '../dlp/user-limits.ts';
import { ViewerInput } from './input.ts';
import { POINTER_RATE } from './input-budget.ts';

const KEY_A = 97;
const SCROLL_STEP = 120;

let calls: string[];
let refused: string[];
let nowMs: number;
let input: ViewerInput;

/** Records its calls. */
const recorder: DesktopInput = {
  movePointer: (x, y) => calls.push(`move ${x},${y}`),
  nudgePointer: (dx, dy) => calls.push(`nudge ${dx},${dy}`),
  button: (button, down) => calls.push(`${down ? 'press' : 'release'} ${button}`),
  key: (keysym, down) => calls.push(`${down ? 'down' : 'up'} ${keysym}`),
  whenTaking: () => undefined,
  releaseAll: () => calls.push('releaseAll'),
  close: () => calls.push('close'),
};

const test = preparedTest(() => {
  calls = [];
  refused = [];
  nowMs = 0;
});

const key = (keysym: number, down: boolean): void => input.key({ type: 'key', keysym, down, keycode: 0 });
const moveBy = (dx: number, dy: number, buttonMask = 0): void =>
  input.relativeMouse({ type: 'relativeMouse', buttonMask, dx, dy, scrollX: 0, scrollY: 0 });

/** Returns the calls since it was last called, without moves. */
function taken(): string[] {
  return calls.splice(0).filter((call) => !call.startsWith('move'));
}

suite('limits of a user', () => {
  const inset = { kind: 'inset', px: 100 } as const;
  const REGION: Partial<DlpRules> = {
    visibleRegion: { left: inset, top: inset, right: inset, bottom: inset },
  };
  const limit = (rules: Partial<DlpRules>): void => {
    input = new ViewerInput(
      recorder,
      { nowMs: () => nowMs, after: () => () => undefined },
      {
        ...createLimits({ ...NO_DLP.forAll, ...rules }, nowMs),
        screen: () => ({ width: 400, height: 300 }),
        refused: (message, code) => refused.push(`${message} ${code}`),
      },
    );
  };
  const at = (x: number, y: number, buttonMask = 0, scrollY = 0): void =>
    input.pointer({ type: 'pointer', x, y, buttonMask, scrollX: 0, scrollY });

  test('key presses beyond the user’s rate are dropped, and releases are not', () => {
    limit({ keyboard: { isEnabled: true, pressesPerSecond: 2 } });
    for (const keysym of [KEY_A, KEY_A + 1, KEY_A + 2]) key(keysym, true);
    assert.deepEqual(calls, [`down ${KEY_A}`, `down ${KEY_A + 1}`]);
    assert.deepEqual(refused, ['key AUDIT_KEY_RATE']);
    nowMs += 500;
    key(KEY_A + 2, true);
    for (const keysym of [KEY_A, KEY_A + 1, KEY_A + 2]) key(keysym, false);
    assert.deepEqual(calls.slice(2), [
      `down ${KEY_A + 2}`,
      `up ${KEY_A}`,
      `up ${KEY_A + 1}`,
      `up ${KEY_A + 2}`,
    ]);
  });

  test('ten connections of a user press as many keys as one', () => {
    const limits = createLimits(
      { ...NO_DLP.forAll, keyboard: { isEnabled: true, pressesPerSecond: 5 } },
      nowMs,
    );
    const clock = { nowMs: () => nowMs, after: () => () => undefined };
    const screen = () => ({ width: 400, height: 300 });
    const connections = Array.from(
      { length: 10 },
      () => new ViewerInput(recorder, clock, { ...limits, screen, refused: () => undefined }),
    );
    for (const connection of connections)
      connection.key({ type: 'key', keysym: KEY_A, down: true, keycode: 0 });
    assert.equal(calls.length, 5);
  });

  test('a user without a keyboard presses no key', () => {
    limit({ keyboard: { isEnabled: false, pressesPerSecond: Number.POSITIVE_INFINITY } });
    key(KEY_A, true);
    key(KEY_A, false);
    assert.deepEqual(calls, []);
    assert.deepEqual(refused, ['key AUDIT_KEYBOARD_OFF']);
  });

  test('clicks and wheel steps in the concealed region are refused, and the pointer moves there', () => {
    limit(REGION);
    at(50, 50, 1);
    at(50, 50, 0, SCROLL_STEP);
    at(50, 50, 0b1000);
    at(50, 50);
    assert.deepEqual(calls, ['move 50,50', 'move 50,50', 'move 50,50', 'move 50,50']);
    assert.deepEqual(refused, Array(3).fill('pointer AUDIT_CONCEALED'));
    calls = [];
    at(200, 150, 1);
    at(200, 150, 0, SCROLL_STEP);
    assert.deepEqual(taken(), ['press 1', 'release 1', 'press 5', 'release 5']);
  });

  test('a button that is released in the concealed region goes up in the visible one', () => {
    limit(REGION);
    at(200, 150, 1);
    at(50, 150, 1);
    at(50, 150, 0);
    assert.deepEqual(taken(), ['press 1']);
    at(200, 150, 0);
    assert.deepEqual(taken(), ['release 1']);
  });

  test('a relative motion becomes an absolute one, so that its clicks are judged by their place', () => {
    limit(REGION);
    moveBy(0, 0, 1);
    assert.deepEqual(calls, ['move 200,150', 'press 1']);
    moveBy(0, 0, 0);
    calls = [];
    moveBy(-150, 0, 1);
    moveBy(-150, 0, 0);
    moveBy(32_767, 0, 1);
    assert.deepEqual(refused, Array(2).fill('relativeMouse AUDIT_CONCEALED'));
    assert.deepEqual(calls, ['move 50,150', 'move 0,150', 'move 399,150']);
  });

  test('a click at an allowed place follows its own motion, though moves wait for the budget', () => {
    limit(REGION);
    for (let i = 0; i < POINTER_RATE.burst; i++) at(50, 50);
    calls = [];
    at(200, 150, 1);
    assert.deepEqual(calls, ['move 200,150', 'press 1']);
  });
});
