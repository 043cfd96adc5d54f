import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../test/support/manual-clock.ts';
import type { DeskEvent } from './event.ts';
import { EventLog, KEPT_MS, MOST_KEPT } from './event-log.ts';

const BACK: DeskEvent = { type: 'desktop_back' };
/** Events of one type that are taken at once. */
const BURST = 2000;

function createLog(): { log: EventLog; clock: ManualClock } {
  const clock = new ManualClock();
  const log = new EventLog({
    nowMs: clock.now,
    date: () => new Date(Date.UTC(2026, 0, 1) + clock.nowMs),
    after: clock.after,
  });
  return { log, clock };
}

const numbersFrom = (log: EventLog, number: number): number[] =>
  log.from(number, MOST_KEPT).events.map((event) => event.number);

test('an event has an id, its type and its time, and the facts that it was published with', () => {
  const { log } = createLog();
  log.publish({ type: 'resized', width: 640, height: 480 });
  const [event] = log.from(1, 1).events;
  assert.deepEqual(JSON.parse(event!.json), {
    id: log.idOf(1),
    type: 'resized',
    at: '2026-01-01T00:00:00.000Z',
    width: 640,
    height: 480,
  });
});

test('a reader that comes back takes the events after the one whose id it has', () => {
  const { log } = createLog();
  for (let i = 0; i < 5; i++) log.publish(BACK);
  assert.equal(log.numberOf(log.idOf(3)), 3);
  assert.deepEqual(numbersFrom(log, 4), [4, 5]);
});

test('the id of another life of the server, and a text that is no id, have no number', () => {
  const { log } = createLog();
  log.publish(BACK);
  const { log: other } = createLog();
  other.publish(BACK);
  for (const id of [other.idOf(1), log.idOf(2), '', '1', `${log.idOf(1)}x`, `x${log.idOf(1)}`])
    assert.equal(log.numberOf(id), undefined, id);
});

test('events of the last minute are kept, and older ones are counted as missed', () => {
  const { log, clock } = createLog();
  log.publish(BACK);
  clock.pass(KEPT_MS - 60_000);
  log.publish(BACK);
  clock.pass(60_000);
  log.publish(BACK);
  assert.deepEqual(numbersFrom(log, 1), [1, 2, 3], 'they are a minute old');
  clock.pass(1);
  log.publish(BACK);
  assert.deepEqual(numbersFrom(log, 1), [2, 3, 4]);
  assert.equal(log.from(1, 1).missed, 1);
});

test('no more than MOST_KEPT events are kept, however many come in a minute', () => {
  const { log } = createLog();
  const types = ['desktop_back', 'screen_changed', 'screen_settled'] as const;
  for (const type of types) for (let i = 0; i < BURST; i++) log.publish({ type });
  for (let i = 0; i < BURST; i++) log.publish({ type: 'desktop_lost', given_up: false });
  for (let i = 0; i < BURST; i++) log.publish({ type: 'resized', width: i, height: i });
  const { events, missed } = log.from(1, 2 * MOST_KEPT);
  assert.equal(events.length, MOST_KEPT);
  assert.equal(missed, 5 * BURST - MOST_KEPT);
});

test('a flood of one type of event is cut off, and the next one of it says how many were left out', () => {
  const { log, clock } = createLog();
  for (let i = 0; i < BURST + 7; i++) log.publish(BACK);
  log.publish({ type: 'screen_changed' });
  assert.equal(log.next - 1, BURST + 1, 'other types are not concerned');
  clock.pass(1000);
  log.publish(BACK);
  assert.equal(JSON.parse(log.from(log.next - 1, 1).events[0]!.json).omitted, 7);
});

test('events count as followed from the first reader to a while after the last one', () => {
  const { log, clock } = createLog();
  const heard: boolean[] = [];
  log.onFollowed(['screen_changed'], (isFollowed) => heard.push(isFollowed));
  const reader = { published: () => undefined };
  const ends = [log.read({ ...reader }), log.read({ ...reader })];
  assert.deepEqual(heard, [true]);
  for (const end of ends) end();
  clock.pass(KEPT_MS - 1);
  log.read({ ...reader })();
  clock.pass(KEPT_MS - 1);
  assert.deepEqual(heard, [true], 'a reader came back meanwhile');
  clock.pass(1);
  assert.deepEqual(heard, [true, false]);
  assert.equal(clock.waiting, 0);
});

test('a reader follows the types that it wants, and no others', () => {
  const { log, clock } = createLog();
  const heard: string[] = [];
  log.onFollowed(['screen_changed', 'screen_settled'], (isFollowed) => heard.push(`screen ${isFollowed}`));
  log.onFollowed(['bottleneck_crossed'], (isFollowed) => heard.push(`bottlenecks ${isFollowed}`));
  const end = log.read({ wants: (type) => type === 'bottleneck_crossed', published: () => undefined });
  log.read({ wants: (type) => type === 'screen_settled', published: () => undefined });
  assert.deepEqual(heard, ['bottlenecks true', 'screen true']);
  end();
  clock.pass(KEPT_MS);
  assert.deepEqual(heard, ['bottlenecks true', 'screen true', 'bottlenecks false']);
});
