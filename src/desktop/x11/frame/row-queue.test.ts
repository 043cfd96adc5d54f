import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RowQueue } from './row-queue.ts';

/** The ends of two threads. */
function ends(): { frameThread: RowQueue; helper: RowQueue } {
  const frameThread = new RowQueue();
  return { frameThread, helper: new RowQueue(frameThread.buffer) };
}

function finishRows(queue: RowQueue): number[] {
  const rows: number[] = [];
  for (let row = queue.take(); row !== undefined; row = queue.take()) {
    rows.push(row);
    queue.finish(row);
    queue.leave();
  }
  return rows;
}

test('each row of a pass is taken once, and none before it opens or after it is closed', () => {
  const { frameThread, helper } = ends();
  assert.equal(helper.take(), undefined);
  frameThread.open(5, false);
  assert.equal(helper.take(), 0);
  assert.deepEqual(finishRows(frameThread), [1, 2, 3, 4]);
  helper.finish(0);
  helper.leave();
  assert.equal(frameThread.waitUntilFinished(1), true);
  frameThread.open(3, false);
  frameThread.close();
  assert.equal(helper.take(), undefined);
});

test('a helper that is delayed between looking and taking gets no row of the next pass', () => {
  const { frameThread, helper } = ends();
  for (const nextRows of [1, 2, 3, 512]) {
    frameThread.open(3, false);
    const first = helper.next();
    finishRows(frameThread);
    assert.equal(helper.claim(first!), false, 'taken by the other');
    const past = 3;
    frameThread.open(nextRows, false);
    assert.equal(helper.claim(first!), false, 'of an earlier pass');
    for (let row = 0; row < Math.min(past, nextRows); row++) assert.equal(frameThread.take(), row);
    assert.equal(helper.claim(first! + past), false, 'the earlier pass had no such row');
    frameThread.close();
  }
});

test('a row that is taken and never finished ends the wait after the limit', () => {
  const { frameThread, helper } = ends();
  frameThread.open(2, false);
  assert.equal(helper.take(), 0);
  finishRows(frameThread);
  assert.equal(frameThread.waitUntilFinished(1), false);
  assert.equal(frameThread.finishedFromTop(), 0);
  frameThread.open(2, false);
  assert.deepEqual(finishRows(frameThread), [0, 1]);
  assert.equal(frameThread.waitUntilFinished(1), true);
  assert.equal(frameThread.finishedFromTop(), 2);
});

test('the number of the pass may wrap around', () => {
  const { frameThread, helper } = ends();
  new Int32Array(frameThread.buffer)[1] = -1;
  for (let pass = 0; pass < 3; pass++) {
    frameThread.open(2, false);
    assert.equal(helper.take(), 0, `pass ${pass}`);
    assert.equal(helper.take(), 1);
    assert.equal(helper.take(), undefined);
  }
});

test('the commit of a row is claimed by one thread', () => {
  const { frameThread, helper } = ends();
  frameThread.open(2, false);
  assert.equal(helper.claimCommit(1), true);
  assert.equal(frameThread.claimCommit(1), false);
  frameThread.open(2, false);
  assert.equal(frameThread.claimCommit(1), true);
});

test('a pass that wants help wakes helpers that have not slept yet', () => {
  const { frameThread, helper } = ends();
  const seen = helper.wakeups;
  frameThread.open(1, true);
  helper.sleep(seen);
  assert.equal(helper.take(), 0);
});
