import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desktop, userChange } from '../../../test/support/fleet-store-contract.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { FleetEventLog, MOST_KEPT } from './fleet-event-log.ts';
import { FleetEvents, MOST_READERS } from './fleet-events.ts';

const added = (user: string) =>
  ({
    event: { type: 'user_changed', user, change: 'added', admin: false, password_changed: true },
    audience: { user },
  }) as const;

test('a reader that is further behind than events are kept is told that it has missed some', () => {
  const log = new FleetEventLog(7);
  for (let i = 0; i < MOST_KEPT; i++) log.publish(added(`user-${i}`), 8 + i);
  assert.equal(log.from(1).hasMissed, false);
  log.publish(added('one more'), 8 + MOST_KEPT);
  const { event, hasMissed } = log.from(1);
  assert.deepEqual([event?.number, hasMissed], [2, true]);
  // By the version, for the id of another edge.
  assert.deepEqual(log.after('7-00000000-1'), { next: 2, hasMissed: true });
  assert.deepEqual(log.after('8-00000000-1'), { next: 2, hasMissed: false });
  assert.deepEqual(log.after(log.idOf(5, 12)), { next: 6, hasMissed: false });
  assert.deepEqual(log.after('nonsense'), { next: log.next, hasMissed: true });
});

test('there are no more readers than there may be, and one that leaves makes room', async (t) => {
  const store = new SqliteStore(temporaryFolder('deskwire-fleet-events-'));
  await store.transact(() => [
    userChange('ada'),
    { kind: 'desktop', name: 'lab-1', value: desktop('lab-1') },
  ]);
  const events = new FleetEvents(store);
  t.after(async () => {
    events.close();
    await store.close();
  });
  const reader = { name: 'ada', read: true, write: false, owner: false };
  const streams = Array.from({ length: MOST_READERS }, () => events.open(reader, undefined));
  assert.throws(() => events.open(reader, undefined), { code: 'API_TOO_MANY_READERS' });
  streams[0]!.destroy();
  await new Promise((done) => streams[0]!.once('close', done));
  events.open(reader, undefined);
  events.close();
  assert.throws(() => events.open(reader, undefined), { code: 'API_CLOSING' });
});
