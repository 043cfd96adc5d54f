import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ViewerFlow } from './flow.ts';
import { MOST_UNDRAWN, SLOW_MS, UndrawnUpdates } from './undrawn-updates.ts';

/** A page that has drawn some updates, one by one, each in `ms`. Returns the time of the last one. */
function draw(updates: UndrawnUpdates, ms: number, count = 40, fromMs = 0): number {
  for (let i = 0; i < count; i++) {
    updates.began(fromMs + i * ms);
    updates.drawn(fromMs + (i + 1) * ms);
  }
  return fromMs + count * ms;
}

test('a page that has drawn everything may be sent an update at once', () => {
  const updates = new UndrawnUpdates();
  assert.equal(updates.nextAtMs(0), Number.NEGATIVE_INFINITY);
  draw(updates, 100);
  assert.equal(updates.nextAtMs(0), Number.NEGATIVE_INFINITY);
});

test('with the most undrawn updates, the next one depends on a report', () => {
  const updates = new UndrawnUpdates();
  for (let i = 0; i < MOST_UNDRAWN; i++) {
    assert.notEqual(updates.nextAtMs(0), Number.POSITIVE_INFINITY);
    updates.began(i);
  }
  assert.equal(updates.nextAtMs(0), Number.POSITIVE_INFINITY);
  updates.drawn(5);
  assert.notEqual(updates.nextAtMs(0), Number.POSITIVE_INFINITY);
});

test('a quick page is sent the next update while it draws the last one', () => {
  const updates = new UndrawnUpdates();
  const nowMs = draw(updates, SLOW_MS);
  updates.began(nowMs);
  assert.equal(updates.nextAtMs(0), Number.NEGATIVE_INFINITY);
});

test('a slow page is sent the next update just before it has drawn the last one, earlier over a long way', () => {
  const updates = new UndrawnUpdates();
  const nowMs = draw(updates, 100);
  updates.began(nowMs);
  const atMs = updates.nextAtMs(0);
  assert.ok(atMs > nowMs + 50 && atMs < nowMs + 100, `${atMs - nowMs}`);
  assert.equal(updates.nextAtMs(30), atMs - 30);
});

test('the time of an update that waited in the page counts from when the one before was drawn', () => {
  const updates = new UndrawnUpdates();
  // Two at a time: each is drawn 60 ms after it began, but 30 ms after the one before.
  updates.began(0);
  for (let i = 1; i < 40; i++) {
    updates.began(i * 30);
    updates.drawn(i * 30 + 30);
  }
  assert.equal(updates.nextAtMs(0), Number.NEGATIVE_INFINITY);
});

test('a page that was in the background counts as slow only for a few updates', () => {
  const updates = new UndrawnUpdates();
  draw(updates, 10);
  updates.began(1000);
  updates.drawn(600_000);
  let nowMs = 600_000;
  let count = 0;
  for (; count < 20; count++) {
    updates.began(nowMs);
    const isSlow = updates.nextAtMs(0) > nowMs;
    nowMs += 10;
    updates.drawn(nowMs);
    if (!isSlow) break;
  }
  assert.ok(count < 5, `${count} updates`);
});

test('a report without an update changes nothing', () => {
  const updates = new UndrawnUpdates();
  updates.drawn(5);
  updates.began(6);
  assert.equal(updates.nextAtMs(0), Number.NEGATIVE_INFINITY);
});

test('a page that draws slowly is sent its next update a little before it has drawn the last one', () => {
  const flow = new ViewerFlow();
  flow.continuous = true;
  flow.reportsDrawn = true;
  flow.fences = true;
  const send = (ms: number): void => {
    flow.updateBegins(ms);
    flow.updateEnds(ms, ms, 1);
    flow.congestion.acknowledged(ms + 1);
  };
  let nowMs = 0;
  for (let i = 0; i < 20; i++) {
    send(nowMs);
    nowMs += 100;
    flow.requested(nowMs);
  }
  send(nowMs);
  assert.equal(flow.standing(0, nowMs + 1), 'client');
  const atMs = flow.roomAtMs(nowMs + 1)!;
  assert.ok(atMs > nowMs + 50 && atMs < nowMs + 100, `${atMs - nowMs}`);
  assert.equal(flow.standing(0, atMs), 'ready');
  send(atMs);
  assert.equal(flow.roomAtMs(atMs + 1), undefined, 'the time depends on the page');
});
