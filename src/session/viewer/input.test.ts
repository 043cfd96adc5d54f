import assert from 'node:assert/strict';
import { beforeEach, suite, test } from 'node:test';
import fc from 'fast-check';
import type { DesktopInput } from '../../desktop/desktop.ts';
import { ViewerInput } from './input.ts';

let calls: string[];
let input: ViewerInput;
/** By each call that has one. */
let signals: [call: string, signal: AbortSignal][];

beforeEach(() => {
  calls = [];
  signals = [];
  const take = (call: string, signal?: AbortSignal): void => {
    calls.push(call);
    if (signal) signals.push([call, signal]);
  };
  const note: DesktopInput = {
    movePointer: (x, y, signal) => take(`move ${x},${y}`, signal),
    nudgePointer: (dx, dy, signal) => take(`nudge ${dx},${dy}`, signal),
    button: (button, down, signal) => take(`${down ? 'press' : 'release'} ${button}`, signal),
    key: (keysym, down, code, signal) =>
      take(`${down ? 'down' : 'up'} ${keysym}${code ? ` code ${code}` : ''}`, signal),
    releaseAll: () => take('releaseAll'),
  };
  input = new ViewerInput(note);
});

const key = (keysym: number, down: boolean, keycode = 0): void =>
  input.key({ type: 'key', keysym, down, keycode });
const point = (buttonMask: number, scrollX = 0, scrollY = 0): void =>
  input.pointer({ type: 'pointer', x: 5, y: 6, buttonMask, scrollX, scrollY });

/** What was called since the last look, without the moves. */
function taken(): string[] {
  return calls.splice(0).filter((call) => !call.startsWith('move'));
}

suite('keys', () => {
  test('go down and up, with their scancode where it is known', () => {
    key(97, true);
    key(97, false);
    key(97, true, 0x1e);
    key(97, false, 0x1e);
    assert.deepEqual(taken(), ['down 97', 'up 97', 'down 97 code 30', 'up 97 code 30']);
  });

  test('come up though Shift was let go first and the keysym is another', () => {
    key(65, true, 0x1e);
    key(97, false, 0x1e);
    assert.deepEqual(taken(), ['down 65 code 30', 'up 97 code 30']);
    input.release();
    assert.deepEqual(taken(), []);
  });

  test('that this viewer does not hold can not be let go by it', () => {
    key(97, false);
    assert.deepEqual(taken(), []);
  });

  test('that are repeated are let go once', () => {
    for (let i = 0; i < 3; i++) key(97, true);
    taken();
    input.release();
    input.release();
    assert.deepEqual(taken(), ['up 97']);
  });
});

suite('buttons', () => {
  test('change where the mask does', () => {
    point(0b001);
    point(0b101);
    point(0b100);
    point(0);
    assert.deepEqual(taken(), ['press 1', 'press 3', 'release 1', 'release 3']);
  });

  test('go up to the ninth; bits beyond mean nothing', () => {
    point(0b1_0000_0000);
    point(0b1110_0000_0000);
    assert.deepEqual(taken(), ['press 9', 'release 9']);
  });

  test('move first, so that a click is where the pointer went', () => {
    input.pointer({ type: 'pointer', x: 9, y: 8, buttonMask: 1, scrollX: 0, scrollY: 0 });
    assert.deepEqual(calls, ['move 9,8', 'press 1']);
  });

  test('of a relative mouse are the same ones', () => {
    point(1);
    input.relativeMouse({ type: 'relativeMouse', buttonMask: 0, dx: -3, dy: 4, scrollX: 0, scrollY: 0 });
    assert.deepEqual(taken(), ['press 1', 'nudge -3,4', 'release 1']);
  });
});

suite('the wheel', () => {
  test('clicks for each whole step and keeps the rest', () => {
    point(0, 0, 100);
    assert.deepEqual(taken(), []);
    point(0, 0, 40);
    assert.deepEqual(taken(), ['press 5', 'release 5']);
    point(0, 0, 100);
    assert.deepEqual(taken(), ['press 5', 'release 5'], '20 were left over');
    point(0, 0, -240);
    assert.deepEqual(taken(), ['press 4', 'release 4', 'press 4', 'release 4']);
    point(0, 240, 0);
    assert.deepEqual(taken(), ['press 7', 'release 7', 'press 7', 'release 7']);
    point(0, -120, 0);
    assert.deepEqual(taken(), ['press 6', 'release 6']);
  });

  test('turned in any portions clicks as often as turned at once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -300, max: 300 }), { maxLength: 30 }), (portions) => {
        const wheel = new ViewerInput({
          movePointer: () => undefined,
          nudgePointer: () => undefined,
          button: (button, down) => {
            if (down) clicks += button === 5 ? 1 : -1;
          },
          key: () => undefined,
          releaseAll: () => undefined,
        });
        let clicks = 0;
        for (const scrollY of portions) {
          wheel.pointer({ type: 'pointer', x: 0, y: 0, buttonMask: 0, scrollX: 0, scrollY });
        }
        const distance = portions.reduce((sum, portion) => sum + portion, 0);
        assert.ok(Math.abs(distance - clicks * 120) < 120);
      }),
    );
  });
});

test('all that is held is let go, and nothing twice', () => {
  key(97, true);
  key(0xffe1, true, 0x2a);
  point(0b110);
  taken();
  input.release();
  assert.deepEqual(taken().sort(), ['release 2', 'release 3', 'up 65505 code 42', 'up 97']);
  input.release();
  assert.deepEqual(taken(), []);
  point(0b010);
  assert.deepEqual(taken(), ['press 2'], 'and can be pressed anew');
});

suite('who may no longer write', () => {
  test('has all that still waits dropped, and what it held let go', () => {
    key(97, true);
    key(98, true);
    key(98, false);
    point(1, 0, 120);
    input.relativeMouse({ type: 'relativeMouse', buttonMask: 1, dx: 3, dy: 4, scrollX: 0, scrollY: 0 });
    assert.deepEqual(
      signals.map(([call]) => call),
      ['down 97', 'down 98', 'move 5,6', 'press 1', 'press 5', 'nudge 3,4'],
      'all but what lets go',
    );
    assert.ok(signals.every(([, signal]) => !signal.aborted));
    taken();
    input.revoke();
    assert.ok(signals.every(([, signal]) => signal.aborted));
    assert.deepEqual(taken(), ['release 1', 'up 97']);
  });

  test('starts anew when it may again', () => {
    input.revoke();
    key(97, true);
    assert.equal(signals.at(-1)![1].aborted, false);
  });

  test('is not who has merely left', () => {
    key(97, true);
    input.release();
    assert.equal(signals[0]![1].aborted, false);
  });
});
