import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Watchdog } from './watchdog.ts';

function watch(t: TestContext, isHidden: boolean) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const log: string[] = [];
  const events = {
    ping: () => log.push('ping'),
    onStalled: (isStalled: boolean) => log.push(isStalled ? 'stalled' : 'goes on'),
    onDead: () => log.push('dead'),
  };
  return { log, watchdog: new Watchdog(events, () => isHidden) };
}

test('a quiet connection is pinged, and again only if it is quiet after its answer', (t) => {
  const { log, watchdog } = watch(t, false);
  t.mock.timers.tick(1000);
  watchdog.heard();
  t.mock.timers.tick(1000);
  assert.deepEqual(log, []);
  t.mock.timers.tick(500);
  assert.deepEqual(log, ['ping']);
  watchdog.heard();
  t.mock.timers.tick(1500);
  assert.deepEqual(log, ['ping', 'ping']);
});

test('a server that does not answer stalls after 3 s, and goes on when it does', (t) => {
  const { log, watchdog } = watch(t, false);
  t.mock.timers.tick(2500);
  assert.deepEqual(log, ['ping']);
  t.mock.timers.tick(5500);
  assert.deepEqual(log, ['ping', 'stalled']);
  watchdog.heard();
  assert.deepEqual(log, ['ping', 'stalled', 'goes on']);
});

test('a server that does not answer for 10 s is given up', (t) => {
  const { log } = watch(t, false);
  t.mock.timers.tick(11_000);
  assert.deepEqual(log, ['ping', 'stalled']);
  t.mock.timers.tick(500);
  assert.deepEqual(log, ['ping', 'stalled', 'goes on', 'dead']);
  t.mock.timers.tick(60_000);
  assert.equal(log.length, 4);
});

test('a page that nobody sees pings less', (t) => {
  const { log } = watch(t, true);
  t.mock.timers.tick(4500);
  assert.deepEqual(log, []);
  t.mock.timers.tick(500);
  assert.deepEqual(log, ['ping']);
});
