import assert from 'node:assert/strict';
import { suite } from 'node:test';
import fc from 'fast-check';
import { preparedTest } from '../../../test/support/prepared-test.ts';
import type { DesktopInput } from '../../desktop/desktop.ts';
import { ViewerInput } from './input.ts';
import {
  COST,
  KEY_RATE,
  MAX_KEYS_DOWN,
  MAX_STEPS_PER_MESSAGE,
  MOVE_RESERVE,
  POINTER_RATE,
} from './input-budget.ts';

const KEY_A = 97;
const CODE_A = 0x1e;
const SHIFT_L = 0xffe1;
const SCROLL_STEP = 120;

let calls: string[];
let nowMs: number;
let timers: { readonly atMs: number; readonly action: () => void }[];
let input: ViewerInput;

/** Records its calls. */
const recorder: DesktopInput = {
  movePointer: (x, y) => calls.push(`move ${x},${y}`),
  nudgePointer: (dx, dy) => calls.push(`nudge ${dx},${dy}`),
  button: (button, down) => calls.push(`${down ? 'press' : 'release'} ${button}`),
  key: (keysym, down, code) => calls.push(`${down ? 'down' : 'up'} ${keysym}${code ? ` code ${code}` : ''}`),
  whenTaking: () => undefined,
  releaseAll: () => calls.push('releaseAll'),
  close: () => calls.push('close'),
};

const clock = {
  nowMs: () => nowMs,
  after: (ms: number, action: () => void) => {
    const timer = { atMs: nowMs + ms, action };
    timers.push(timer);
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  },
};

const test = preparedTest(() => {
  calls = [];
  nowMs = 0;
  timers = [];
  input = new ViewerInput(recorder, clock);
});

/** Lets time pass, and runs the timers that are due. */
function pass(ms: number): void {
  nowMs += ms;
  for (const timer of timers.filter(({ atMs }) => atMs <= nowMs)) {
    timers = timers.filter((other) => other !== timer);
    timer.action();
  }
}

const key = (keysym: number, down: boolean, keycode = 0): void =>
  input.key({ type: 'key', keysym, down, keycode });
const point = (buttonMask: number, scrollX = 0, scrollY = 0): void =>
  input.pointer({ type: 'pointer', x: 5, y: 6, buttonMask, scrollX, scrollY });
const moveTo = (x: number, buttonMask = 0): void =>
  input.pointer({ type: 'pointer', x, y: 0, buttonMask, scrollX: 0, scrollY: 0 });
const moveBy = (dx: number, dy: number, buttonMask = 0): void =>
  input.relativeMouse({ type: 'relativeMouse', buttonMask, dx, dy, scrollX: 0, scrollY: 0 });

/** Returns the calls since it was last called, without moves. */
function taken(): string[] {
  return calls.splice(0).filter((call) => !call.startsWith('move'));
}

/** Uses up the budget of the pointer with these buttons down: moves take all but the reserve, the wheel the rest. */
function exhaust(buttonMask = 0): void {
  for (let i = 0; i < POINTER_RATE.burst; i++) moveTo(1, buttonMask);
  for (let i = 0; i * COST.wheelStep < MOVE_RESERVE; i++) {
    input.relativeMouse({
      type: 'relativeMouse',
      buttonMask,
      dx: 0,
      dy: 0,
      scrollX: 0,
      scrollY: SCROLL_STEP,
    });
  }
  calls = [];
}

suite('keys', () => {
  test('keys of a viewer go down and up, with the scancode if the viewer sends one', () => {
    key(KEY_A, true);
    key(KEY_A, false);
    key(KEY_A, true, CODE_A);
    key(KEY_A, false, CODE_A);
    assert.deepEqual(taken(), ['down 97', 'up 97', 'down 97 code 30', 'up 97 code 30']);
  });

  test('a key is released with the keysym of its press, although Shift was released first', () => {
    key(65, true, CODE_A);
    key(KEY_A, false, CODE_A);
    assert.deepEqual(taken(), ['down 65 code 30', 'up 65 code 30']);
  });

  test('a key that changes its keysym while it is down is released in between', () => {
    key(65, true, CODE_A);
    key(KEY_A, true, CODE_A);
    key(KEY_A, false, CODE_A);
    assert.deepEqual(taken(), ['down 65 code 30', 'up 65 code 30', 'down 97 code 30', 'up 97 code 30']);
  });

  test('a viewer does not release keys that it does not hold', () => {
    key(KEY_A, false);
    assert.deepEqual(taken(), []);
  });

  test('a key that repeats is pressed again and released once', () => {
    for (let i = 0; i < 3; i++) key(KEY_A, true);
    key(KEY_A, false);
    key(KEY_A, false);
    assert.deepEqual(taken(), ['down 97', 'down 97', 'down 97', 'up 97']);
  });
});

suite('buttons', () => {
  test('buttons change where the mask changes', () => {
    point(0b001);
    point(0b101);
    point(0b100);
    point(0);
    assert.deepEqual(taken(), ['press 1', 'press 3', 'release 1', 'release 3']);
  });

  test('the mask has nine buttons, and further bits are ignored', () => {
    point(0b1_0000_0000);
    point(0b1110_0000_0000);
    assert.deepEqual(taken(), ['press 9', 'release 9']);
  });

  test('a message moves the pointer before it presses a button', () => {
    input.pointer({ type: 'pointer', x: 9, y: 8, buttonMask: 1, scrollX: 0, scrollY: 0 });
    assert.deepEqual(calls, ['move 9,8', 'press 1']);
  });

  test('the buttons of a relative mouse are those of the pointer', () => {
    point(1);
    moveBy(-3, 4);
    assert.deepEqual(taken(), ['press 1', 'nudge -3,4', 'release 1']);
  });
});

suite('the wheel', () => {
  test('the wheel clicks for each whole step and keeps the rest of the distance for the next message', () => {
    point(0, 0, 100);
    assert.deepEqual(taken(), []);
    point(0, 0, 40);
    assert.deepEqual(taken(), ['press 5', 'release 5']);
    point(0, 0, 100);
    assert.deepEqual(taken(), ['press 5', 'release 5'], '20 were kept from the message before');
    point(0, 0, -240);
    assert.deepEqual(taken(), ['press 4', 'release 4', 'press 4', 'release 4']);
    point(0, 240, 0);
    assert.deepEqual(taken(), ['press 7', 'release 7', 'press 7', 'release 7']);
    point(0, -120, 0);
    assert.deepEqual(taken(), ['press 6', 'release 6']);
  });

  test('a wheel that is turned in portions clicks as often as one that is turned at once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -300, max: 300 }), { maxLength: 30 }), (portions) => {
        calls = [];
        const wheel = new ViewerInput(recorder, clock);
        for (const scrollY of portions) {
          wheel.pointer({ type: 'pointer', x: 0, y: 0, buttonMask: 0, scrollX: 0, scrollY });
        }
        const count = (call: string): number => calls.filter((other) => other === call).length;
        const distance = portions.reduce((sum, portion) => sum + portion, 0);
        const clicks = count('press 5') - count('press 4');
        assert.ok(Math.abs(distance - clicks * SCROLL_STEP) < SCROLL_STEP);
      }),
    );
  });

  test('the wheel clicks at most ten times per axis of a message, and drops the rest of the distance', () => {
    assert.equal(MAX_STEPS_PER_MESSAGE, 10);
    for (const [x, y, buttons] of [
      [32_767, 32_767, [7, 5]],
      [-32_768, -32_768, [6, 4]],
    ] as const) {
      calls = [];
      point(0, x, y);
      const clicks = buttons.flatMap((button) =>
        Array.from({ length: 10 }, () => [`press ${button}`, `release ${button}`]).flat(),
      );
      assert.deepEqual(taken(), clicks);
      point(0, 0, 0);
      assert.deepEqual(taken(), []);
    }
  });
});

suite("a viewer's budget", () => {
  test('the budget bounds the X events of a thousand messages with the largest scroll distances', () => {
    for (let i = 0; i < 1000; i++) point(0, 32_767, -32_768);
    assert.ok(calls.length <= POINTER_RATE.burst, `${calls.length} X events`);
    const before = calls.length;
    pass(1000);
    for (let i = 0; i < 1000; i++) point(0, 32_767, -32_768);
    assert.ok(calls.length - before <= POINTER_RATE.perSecond, `${calls.length - before} X events`);
  });

  for (const [name, send] of [
    ['pointer moves', (i: number) => moveTo(i)],
    ['relative moves of any distance', (i: number) => moveBy(i % 2 ? 32_767 : -32_768, -32_768)],
    ['all buttons, toggled with each message', (i: number) => moveTo(i, i % 2 ? 0x1ff : 0)],
    ['all buttons of a relative mouse', (i: number) => moveBy(1, 1, i % 2 ? 0xff : 0)],
    ['wheel steps by buttons', (i: number) => moveTo(1, i % 2 ? 0b1111000 : 0)],
    ['keys', (i: number) => key(i % 200, i % 3 !== 0)],
    ['physical keys', (i: number) => key(i % 200, i % 3 !== 0, i % 128)],
  ] as const) {
    test(`the budget bounds the X events of 100,000 messages: ${name}`, () => {
      const rate = name.includes('keys') ? KEY_RATE : POINTER_RATE;
      for (let i = 0; i < 100_000; i++) send(i);
      assert.ok(calls.length <= rate.burst, `${calls.length} X events`);
      for (let second = 0; second < 3; second++) {
        calls = [];
        for (let i = 0; i < 1000; i++) {
          pass(1);
          for (let j = 0; j < 10; j++) send(i * 10 + j);
        }
        assert.ok(calls.length <= rate.perSecond * 1.1, `${calls.length} X events in a second`);
      }
      assert.ok(timers.length <= 1, `${timers.length} timers`);
    });
  }

  test('the budget never limits a mouse that reports 1000 times a second and clicks ten times', () => {
    for (let ms = 0; ms < 10_000; ms++) {
      pass(1);
      moveTo(ms % 2, ms % 100 < 50 ? 1 : 0);
      assert.equal(calls[0], `move ${ms % 2},0`);
      calls = [];
    }
    assert.deepEqual(timers, []);
  });

  test('moves never use up the budget of clicks, however many arrive in a second or at once', () => {
    for (let i = 0; i < 3000; i++) moveTo(i);
    moveTo(3000, 1);
    moveTo(3000, 0);
    assert.deepEqual(taken(), ['press 1', 'release 1'], 'a click behind 3,000 moves');
    for (let i = 0; i < 5000; i++) {
      pass(0.4);
      moveTo(i, i % 100 < 10 ? 1 : 0);
    }
    assert.equal(taken().filter((call) => call === 'press 1').length, 50);
  });

  test('the budget never limits a wheel of 60 messages a second with three steps each', () => {
    for (let i = 0; i < 600; i++) {
      pass(1000 / 60);
      point(0, 0, 3 * SCROLL_STEP);
    }
    assert.equal(calls.filter((call) => call === 'press 5').length, 1800);
  });

  test('the budget never limits a text of 4,000 characters at once, nor 200 characters a second', () => {
    const type = (): void => {
      key(KEY_A, true);
      key(KEY_A, false);
    };
    for (let i = 0; i < 4000; i++) type();
    for (let i = 0; i < 2000; i++) {
      pass(5);
      type();
    }
    assert.equal(calls.length, 12_000);
  });

  test('moves beyond the budget are merged to the newest place, which is reached when the budget allows', () => {
    exhaust();
    for (let x = 0; x < 100; x++) moveTo(x);
    assert.deepEqual(calls, []);
    pass(1000);
    assert.deepEqual(calls, ['move 99,0']);
    pass(1000);
    assert.deepEqual(calls, ['move 99,0']);
  });

  test('relative moves beyond the budget add up, within the range of X', () => {
    exhaust();
    for (let i = 0; i < 3; i++) moveBy(-10, 30_000);
    pass(1000);
    assert.deepEqual(calls, ['nudge -30,32767']);
  });

  test('the budget never drops the release of a button, and releases it where the pointer is', () => {
    moveTo(0, 0b11);
    exhaust(0b11);
    moveTo(70, 0b11);
    moveTo(80, 0b10);
    assert.deepEqual(calls, ['move 80,0', 'release 1']);
  });

  test('a button press that was dropped is made up for if a later message still has the button down', () => {
    exhaust();
    moveTo(1, 1);
    assert.deepEqual(calls, []);
    pass(1000);
    calls = [];
    moveTo(2, 1);
    assert.deepEqual(calls, ['move 2,0', 'press 1']);
  });

  test('the budget drops the release of a key only if it dropped the press', () => {
    key(KEY_A, true, CODE_A);
    for (let i = 0; i < KEY_RATE.burst; i++) key(KEY_A, true, CODE_A);
    calls = [];
    key(98, true);
    key(98, false);
    key(KEY_A, false, CODE_A);
    assert.deepEqual(calls, ['up 97 code 30']);
  });

  test('keys and the pointer have separate budgets', () => {
    exhaust();
    key(KEY_A, true);
    assert.deepEqual(calls, ['down 97']);
  });
});

suite('keys whose release does not come', () => {
  test('beyond the most keys that a viewer may hold, a press releases the key that was pressed longest ago', () => {
    for (let i = 0; i < MAX_KEYS_DOWN; i++) key(1000 + i, true);
    key(1000, true);
    taken();
    key(3000, true);
    assert.deepEqual(taken(), ['up 1001', 'down 3000'], '1000 was repeated later');
    for (let keysym = 4000; keysym < 5000; keysym++) key(keysym, true);
    assert.equal(taken().filter((call) => call.startsWith('up')).length, 1000);
  });

  test('without a scancode, the release of a letter in the other case releases the key', () => {
    for (const [pressed, released] of [
      [65, 97],
      [97, 65],
      [0x0100_0416, 0x0100_0436],
    ] as const) {
      key(pressed, true);
      key(released, false);
      assert.deepEqual(taken(), [`down ${pressed}`, `up ${pressed}`]);
    }
  });

  test('without a scancode, the release of a key never releases another letter or a physical key', () => {
    key(65, true);
    key(66, true, 0x30);
    taken();
    for (const keysym of [98, 0xff0d, 0x0100_0061 + 1, 0x1008_ff11, 0]) key(keysym, false);
    assert.deepEqual(taken(), []);
  });
});

suite('a viewer that may no longer write', () => {
  test('a viewer that loses write has its waiting input dropped and its keys and buttons released', () => {
    key(KEY_A, true);
    key(SHIFT_L, true, 0x2a);
    point(0b110);
    exhaust(0b110);
    moveTo(9, 0b110);
    calls = [];
    input.revoke();
    assert.deepEqual(calls.splice(0), ['releaseAll']);
    pass(1000);
    assert.deepEqual(calls, []);
  });

  test('a viewer that gets write back starts with nothing held', () => {
    key(KEY_A, true);
    point(0b010);
    input.revoke();
    calls = [];
    key(KEY_A, false);
    point(0b010);
    key(KEY_A, true);
    assert.deepEqual(taken(), ['press 2', 'down 97']);
  });
});

test('a viewer that leaves closes its input, and no move comes after that', () => {
  exhaust();
  moveTo(7);
  input.close();
  pass(1000);
  assert.deepEqual(calls, ['close']);
});
