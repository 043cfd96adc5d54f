import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FRESH_PER_LEFT, MessageTurns, PAUSE_MS, SLICE_MS, TURN_MS, type Work } from './message-turns.ts';

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
  const long = work(1000, SLICE_MS);
  turns.request(long);
  const before = long.done;
  turns.cancel(long);
  turn();
  assert.equal(long.done, before);
});

test('a new request is served before work that has used up a slice, however much of that waits', () => {
  const { turns, turn, work } = create();
  const floods = Array.from({ length: 40 }, () => work(1000, SLICE_MS));
  for (const flood of floods) turns.request(flood);
  for (let i = 0; i < 10; i++) turn();
  const before = floods.reduce((sum, flood) => sum + flood.done, 0);
  const quiet = work(1, SLICE_MS / 10);
  turns.request(quiet);
  turn();
  assert.equal(quiet.done, 1);
  const after = floods.reduce((sum, flood) => sum + flood.done, 0);
  assert.ok(after > before, 'the rest of the turn is for the floods');
});

test('a request of work that is left does not make it new', () => {
  const { turns, turn, work } = create();
  const flood = work(1000, SLICE_MS);
  turns.request(flood);
  turns.request(flood);
  const quiet = work(1, TURN_MS);
  turns.request(quiet);
  const before = flood.done;
  const stop = work(20, SLICE_MS / 2);
  turns.request(stop);
  turn();
  assert.equal(quiet.done, 1);
  assert.ok(flood.done - before < TURN_MS / SLICE_MS);
});

test('work that is left has a share while new requests keep coming', () => {
  const { turns, turn, work } = create();
  const flood = work(10_000, SLICE_MS);
  turns.request(flood);
  const before = flood.done;
  const count = 100;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < TURN_MS / SLICE_MS; j++) turns.request(work(1, SLICE_MS));
    turn();
  }
  const slices = (count * TURN_MS) / SLICE_MS;
  assert.ok(flood.done - before >= Math.floor(slices / (FRESH_PER_LEFT + 1)) - 1, `${flood.done} slices`);
});

test('an interruption of one piece does not use up the turn', () => {
  const { turns, work } = create();
  assert.equal(turns.request(work(1, 50 * TURN_MS)), false);
  const other = work(1, SLICE_MS / 10);
  assert.equal(turns.request(other), false);
  assert.equal(other.done, 1);
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
