import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  type Action,
  DOUBLE_TAP_MS,
  Gestures,
  LONG_PRESS_MS,
  PINCH_SLOP_PX,
  TAP_MS,
  TAP_SLOP_PX,
  type TouchMode,
} from './gestures.ts';

/** Writes actions as short words, such as `point 10,20`. */
const words = (actions: readonly Action[]): string[] =>
  actions.map((action) => {
    switch (action.kind) {
      case 'point':
        return `point ${action.at.x},${action.at.y}`;
      case 'nudge':
      case 'scroll':
        return `${action.kind} ${action.dx},${action.dy}`;
      case 'zoom':
        return `zoom ${action.factor} at ${action.at.x},${action.at.y} by ${action.dx},${action.dy}`;
      default:
        return `${action.kind} ${action.button}`;
    }
  });

/** Fingers on a screen: each step returns the words of what it has caused. */
function hand(mode: TouchMode = 'direct') {
  const gestures = new Gestures();
  gestures.mode = mode;
  let nowMs = 1000;
  return {
    gestures,
    wait(ms: number) {
      nowMs += ms;
      const { deadlineMs } = gestures;
      return deadlineMs !== undefined && nowMs >= deadlineMs ? words(gestures.tick(nowMs)) : [];
    },
    down: (finger: number, x: number, y: number) => words(gestures.down(finger, { x, y }, nowMs)),
    move: (finger: number, x: number, y: number) => words(gestures.move(finger, { x, y })),
    up: (finger: number) => words(gestures.up(finger, nowMs)),
    cancel: () => words(gestures.cancel()),
  };
}

const CLICK = ['press 0', 'release 0'];

suite('fingers that are the pointer', () => {
  test('a tap clicks where the finger came down, even if it trembles', () => {
    const { down, move, up } = hand();
    assert.deepEqual(down(1, 50, 60), []);
    assert.deepEqual(move(1, 50 + TAP_SLOP_PX, 60), []);
    assert.deepEqual(up(1), ['point 50,60', ...CLICK]);
  });

  test('the second tap of a double tap clicks in the place of the first, and a third one in its own', () => {
    const { down, up, wait } = hand();
    for (const [x, at] of [
      [50, 50],
      [70, 50],
      [75, 75],
    ] as const) {
      down(1, x, 60);
      assert.deepEqual(up(1), [`point ${at},60`, ...CLICK]);
      wait(DOUBLE_TAP_MS / 2);
    }
  });

  test('two taps that are far apart, in place or time, are two clicks', () => {
    const { down, up, wait } = hand();
    for (const x of [50, 150, 160]) {
      down(1, x, 60);
      assert.deepEqual(up(1), [`point ${x},60`, ...CLICK]);
      wait(x === 150 ? DOUBLE_TAP_MS + 1 : 1);
    }
  });

  test('a finger that moves drags from where it came down', () => {
    const { down, move, up } = hand();
    down(1, 50, 60);
    assert.deepEqual(move(1, 80, 60), ['point 50,60', 'press 0', 'point 80,60']);
    assert.deepEqual(move(1, 90, 70), ['point 90,70']);
    assert.deepEqual(up(1), ['release 0']);
  });

  test('a finger that rests presses the right button, and may drag with it', () => {
    const { down, move, up, wait } = hand();
    down(1, 50, 60);
    assert.deepEqual(wait(LONG_PRESS_MS - 1), []);
    assert.deepEqual(wait(1), ['point 50,60', 'press 2']);
    assert.deepEqual(wait(LONG_PRESS_MS), []);
    assert.deepEqual(move(1, 51, 60), ['point 51,60']);
    assert.deepEqual(up(1), ['release 2']);
  });

  test('a tap of two fingers is a click of the right button, and one of three of the middle one', () => {
    const { down, up, wait } = hand();
    down(1, 50, 60);
    down(2, 150, 60);
    wait(TAP_MS);
    assert.deepEqual(up(2), ['point 50,60', 'press 2', 'release 2']);
    assert.deepEqual(up(1), []);
    for (const finger of [1, 2, 3]) down(finger, finger * 100, 60);
    assert.deepEqual(up(2), ['point 100,60', 'press 1', 'release 1']);
    assert.deepEqual([...up(1), ...up(3)], []);
  });

  test('fingers that rest for long and go up click nothing', () => {
    const { down, up, wait } = hand();
    down(1, 50, 60);
    down(2, 150, 60);
    wait(TAP_MS + 1);
    assert.deepEqual([...up(1), ...up(2)], []);
  });

  test('two fingers that move together scroll what is below them', () => {
    const { down, move, up } = hand();
    down(1, 50, 60);
    down(2, 150, 60);
    assert.deepEqual(move(1, 50, 40), []);
    assert.deepEqual(move(2, 150, 40), ['point 100,60', 'scroll 0,-20']);
    assert.deepEqual(move(1, 50, 20), ['scroll 0,-10']);
    assert.deepEqual([...up(1), ...move(2, 150, 300), ...up(2)], []);
  });

  test('two fingers that move apart zoom around their middle, and carry the picture along', () => {
    const { down, move } = hand();
    down(1, 100, 60);
    down(2, 200, 60);
    assert.deepEqual(move(2, 200 + PINCH_SLOP_PX, 60), []);
    assert.deepEqual(move(2, 300, 60), ['zoom 2 at 150,60 by 50,0']);
    assert.deepEqual(move(1, 0, 60), ['zoom 1.5 at 200,60 by -50,0']);
  });

  test('two fingers that come to lie on one another cause no factor without a number', () => {
    const { down, move } = hand();
    down(1, 100, 60);
    down(2, 200, 60);
    assert.deepEqual(move(2, 100, 60), ['zoom 0 at 150,60 by -50,0']);
    assert.deepEqual(move(2, 101, 60), ['zoom 1 at 100,60 by 0.5,0']);
  });

  test('three fingers drag with the left button', () => {
    const { down, move, up } = hand();
    for (const finger of [1, 2, 3]) down(finger, finger * 100, 60);
    const begin = move(1, 160, 60);
    assert.deepEqual(begin, ['point 200,60', 'press 0', 'point 220,60']);
    assert.deepEqual(up(2), ['release 0']);
    assert.deepEqual([...move(1, 300, 60), ...up(1), ...up(3)], []);
  });

  test('a finger that comes during a drag changes nothing', () => {
    const { down, move, up } = hand();
    down(1, 50, 60);
    move(1, 80, 60);
    assert.deepEqual([...down(2, 300, 60), ...move(2, 400, 60)], []);
    assert.deepEqual(move(1, 90, 60), ['point 90,60']);
    assert.deepEqual(up(1), ['release 0']);
    assert.deepEqual(up(2), []);
  });

  test('fingers that the browser takes away release what they hold, and click nothing', () => {
    const { down, move, up, cancel } = hand();
    down(1, 50, 60);
    move(1, 80, 60);
    assert.deepEqual(cancel(), ['release 0']);
    assert.deepEqual(up(1), []);
    down(1, 50, 60);
    assert.deepEqual(cancel(), []);
    assert.deepEqual(move(1, 80, 60), []);
  });
});

suite('a touch-pad', () => {
  test('a finger moves the pointer from where it is, and a tap clicks there', () => {
    const { down, move, up } = hand('touchpad');
    down(1, 50, 60);
    assert.deepEqual(move(1, 80, 65), ['nudge 30,5']);
    assert.deepEqual(move(1, 70, 65), ['nudge -10,0']);
    assert.deepEqual(up(1), []);
    down(1, 10, 10);
    assert.deepEqual(up(1), CLICK);
  });

  test('a finger that comes again after a tap and moves drags', () => {
    const { down, move, up, wait } = hand('touchpad');
    down(1, 50, 60);
    up(1);
    wait(DOUBLE_TAP_MS);
    down(1, 200, 200);
    assert.deepEqual(move(1, 230, 200), ['press 0', 'nudge 30,0']);
    assert.deepEqual(up(1), ['release 0']);
  });

  test('a second finger ends the move of the first, and both scroll', () => {
    const { down, move } = hand('touchpad');
    down(1, 50, 60);
    move(1, 80, 60);
    assert.deepEqual(down(2, 180, 60), []);
    move(1, 80, 90);
    assert.deepEqual(move(2, 180, 90), ['scroll 0,15']);
  });

  test('three fingers drag, and a finger that rests presses the right button', () => {
    const { down, move, up, wait } = hand('touchpad');
    for (const finger of [1, 2, 3]) down(finger, finger * 100, 60);
    assert.deepEqual(move(1, 160, 60), ['press 0', 'nudge 20,0']);
    for (const finger of [1, 2, 3]) up(finger);
    down(1, 50, 60);
    assert.deepEqual(wait(LONG_PRESS_MS), ['press 2']);
    assert.deepEqual(up(1), ['release 2']);
  });
});
