import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { Watchdog } from './watchdog.ts';

beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }));
afterEach(() => mock.timers.reset());

function watch(isHidden: boolean) {
  const log: string[] = [];
  const events = {
    ping: () => log.push('ping'),
    onStalled: (isStalled: boolean) => log.push(isStalled ? 'stalled' : 'goes on'),
    onDead: () => log.push('dead'),
  };
  return { log, watchdog: new Watchdog(events, () => isHidden) };
}

test('a quiet connection is pinged, and again only if it is quiet after its answer', () => {
  const { log, watchdog } = watch(false);
  mock.timers.tick(1000);
  watchdog.heard();
  mock.timers.tick(1000);
  assert.deepEqual(log, []);
  mock.timers.tick(500);
  assert.deepEqual(log, ['ping']);
  watchdog.heard();
  mock.timers.tick(1500);
  assert.deepEqual(log, ['ping', 'ping']);
});

test('a server that does not answer stalls after 3 s, and goes on when it does', () => {
  const { log, watchdog } = watch(false);
  mock.timers.tick(2500);
  assert.deepEqual(log, ['ping']);
  mock.timers.tick(5500);
  assert.deepEqual(log, ['ping', 'stalled']);
  watchdog.heard();
  assert.deepEqual(log, ['ping', 'stalled', 'goes on']);
});

test('a server that does not answer for 10 s is given up', () => {
  const { log } = watch(false);
  mock.timers.tick(11_000);
  assert.deepEqual(log, ['ping', 'stalled']);
  mock.timers.tick(500);
  assert.deepEqual(log, ['ping', 'stalled', 'goes on', 'dead']);
  mock.timers.tick(60_000);
  assert.equal(log.length, 4);
});

test('a page that nobody sees pings less', () => {
  const { log } = watch(true);
  mock.timers.tick(4500);
  assert.deepEqual(log, []);
  mock.timers.tick(500);
  assert.deepEqual(log, ['ping']);
});
