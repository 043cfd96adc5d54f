import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageTurns, PAUSE_MS, SLICE_MS, TURN_MS, type Work } from './message-turns.ts';

/** Turns with a clock of their own, and work of which each piece takes `pieceMs`. */
function create() {
  let nowMs = 0;
  const callbacks: (() => void)[] = [];
  const timers: (() => void)[] = [];
  const turns = new MessageTurns({
    now: () => nowMs,
    nextTurn: (callback) => callbacks.push(callback),
    after: (ms, callback) => {
      assert.equal(ms, PAUSE_MS);
      timers.push(callback);
    },
  });
  const turn = (): void => {
    for (const callback of callbacks.splice(0)) callback();
    for (const callback of timers.splice(0)) callback();
  };
  const work = (pieces: number, pieceMs: number): Work & { done: number } => {
    const self = {
      done: 0,
      step: () => {
        nowMs += pieceMs;
        self.done++;
        return self.done < pieces;
      },
    };
    return self;
  };
  return { turns, turn, work, isScheduled: () => callbacks.length > 0 };
}

test('work is done at once while the time of the turn lasts', () => {
  const { turns, work } = create();
  const small = work(10, TURN_MS / 100);
  assert.equal(turns.request(small), false);
  assert.equal(small.done, 10);
});

test('all work together takes no longer in one turn than the turn allows and one piece more', () => {
  const { turns, turn, work } = create();
  const pieceMs = TURN_MS / 8;
  const all = Array.from({ length: 20 }, () => work(1000, pieceMs));
  for (const one of all) turns.request(one);
  const done = (): number => all.reduce((sum, one) => sum + one.done, 0);
  let before = done();
  assert.equal(before, 8);
  for (let i = 0; i < 50; i++) {
    turn();
    assert.equal(done() - before, 8);
    before = done();
  }
});

test('work that is requested while a turn is used up waits for the next, and comes in the order of requests', () => {
  const { turns, turn, work } = create();
  const long = work(1000, SLICE_MS);
  assert.equal(turns.request(long), true);
  const late = work(1, 0);
  assert.equal(turns.request(late), true);
  assert.equal(late.done, 0);
  turn();
  assert.equal(late.done, 1);
});

test('work that is cancelled is not done', () => {
  const { turns, turn, work } = create();
  const long = work(1000, TURN_MS);
  turns.request(long);
  turns.cancel(long);
  turn();
  assert.equal(long.done, 1);
});

test('turns without work are not scheduled', () => {
  const { turns, turn, work, isScheduled } = create();
  turns.request(work(1, 0));
  turn();
  assert.equal(isScheduled(), false);
});

test('work that fails does not stop other work', () => {
  const { turns, turn, work } = create();
  const failing: Work = {
    step: () => {
      throw new Error('This work was to fail.');
    },
  };
  assert.throws(() => turns.request(failing), /was to fail/);
  const other = work(1000, SLICE_MS);
  turns.request(other);
  const before = other.done;
  turn();
  assert.ok(other.done > before);
});
