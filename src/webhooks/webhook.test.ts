import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ManualClock } from '../../test/support/manual-clock.ts';
import type { EventType } from '../events/event.ts';
import { EventLog } from '../events/event-log.ts';
import { LONGEST_PAUSE_MS, MOST_ATTEMPTS } from './next-attempt.ts';
import { type Answer, MOST_WAITING, Webhook } from './webhook.ts';

/** A receiver whose answers the test decides. */
function createReceiver(wants: (type: EventType) => boolean = () => true) {
  const clock = new ManualClock();
  const log = new EventLog({ nowMs: clock.now, date: () => new Date(0), after: clock.after });
  const got: { id: string; type: string; count?: number }[] = [];
  const heard: string[] = [];
  const receiver = {
    clock,
    log,
    got,
    heard,
    status: 200 as number | undefined,
    answer: undefined as Promise<Answer> | undefined,
    webhook: undefined as unknown as Webhook,
  };
  receiver.webhook = new Webhook({
    log,
    wants,
    send: async (id, body) => {
      const { status, answer } = receiver;
      if (status === 200) got.push({ ...JSON.parse(body), header: id });
      return answer ?? { status };
    },
    after: clock.after,
    random: () => 1,
    failing: () => heard.push('failing'),
    recovered: () => heard.push('recovered'),
  });
  return receiver;
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await nextTurn();
}

test('events are sent in their order, those that are wanted alone', async () => {
  const { webhook, log, got } = createReceiver((type) => type !== 'screen_changed');
  log.publish({ type: 'desktop_lost', given_up: false });
  log.publish({ type: 'screen_changed' });
  log.publish({ type: 'desktop_back' });
  await turns();
  assert.deepEqual(
    got.map(({ type }) => type),
    ['desktop_lost', 'desktop_back'],
  );
  assert.deepEqual(webhook.counts, { delivered: 2, failed: 0, dropped: 0 });
  webhook.close();
});

test('an event that is refused is sent again, and those behind it wait', async () => {
  const receiver = createReceiver();
  const { webhook, log, clock, got, heard } = receiver;
  receiver.status = 503;
  log.publish({ type: 'desktop_lost', given_up: false });
  log.publish({ type: 'desktop_back' });
  await turns();
  clock.pass(1000);
  await turns();
  assert.equal(webhook.counts.failed, 2);
  receiver.status = 200;
  clock.pass(1999);
  await turns();
  assert.deepEqual(got, [], 'the second pause is longer');
  clock.pass(1);
  await turns();
  assert.deepEqual(
    got.map(({ type }) => type),
    ['desktop_lost', 'desktop_back'],
  );
  assert.deepEqual(heard, ['failing', 'recovered']);
  webhook.close();
});

test('an event that is refused for good is given up, and the receiver is told that it has missed one', async () => {
  for (const status of [404, 503]) {
    const receiver = createReceiver();
    const { webhook, log, clock, got } = receiver;
    receiver.status = status;
    log.publish({ type: 'desktop_lost', given_up: false });
    await turns();
    for (let attempt = 1; attempt < MOST_ATTEMPTS; attempt++) {
      clock.pass(LONGEST_PAUSE_MS);
      await turns();
    }
    assert.equal(webhook.counts.dropped, 1);
    assert.equal(webhook.counts.failed, status === 404 ? 1 : MOST_ATTEMPTS);
    receiver.status = 200;
    log.publish({ type: 'desktop_back' });
    await turns();
    assert.deepEqual(
      got.map(({ type, count }) => [type, count]),
      [
        ['missed', 1],
        ['desktop_back', undefined],
      ],
    );
    webhook.close();
  }
});

test('no more than MOST_WAITING events wait for a receiver that is away, and it is told how many it has missed', async () => {
  const receiver = createReceiver();
  const { webhook, log, clock, got } = receiver;
  receiver.status = undefined;
  const extra = 50;
  for (let event = 0; event < MOST_WAITING + extra; event++)
    log.publish({ type: 'resized', width: event, height: 1 });
  await turns();
  assert.equal(webhook.waiting, MOST_WAITING);
  receiver.status = 200;
  clock.pass(LONGEST_PAUSE_MS);
  for (let turn = 0; turn < MOST_WAITING; turn++) await turns();
  assert.equal(webhook.waiting, 0);
  assert.equal(got.length, MOST_WAITING + 1);
  assert.equal(got.find(({ type }) => type === 'missed')?.count, extra);
  assert.deepEqual(webhook.counts, { delivered: MOST_WAITING + 1, failed: 1, dropped: extra });
  webhook.close();
});

test('a receiver that is closed is sent nothing more, and leaves no timer', async () => {
  const receiver = createReceiver();
  const { webhook, log, clock, got } = receiver;
  receiver.status = 503;
  log.publish({ type: 'desktop_back' });
  await turns();
  webhook.close();
  receiver.status = 200;
  log.publish({ type: 'desktop_back' });
  clock.pass(2 * LONGEST_PAUSE_MS);
  await turns();
  assert.deepEqual(got, []);
  log.close();
  assert.equal(clock.waiting, 0);
});
