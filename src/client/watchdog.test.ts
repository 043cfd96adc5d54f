import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Watchdog } from './watchdog.ts';

test('a quiet connection is pinged once, and given up if it does not answer', () => {
  mock.timers.enable({ apis: ['setInterval'] });
  const log: string[] = [];
  const watchdog = new Watchdog(
    () => log.push('ping'),
    () => log.push('dead'),
  );
  mock.timers.tick(4000);
  watchdog.heard();
  mock.timers.tick(4000);
  assert.deepEqual(log, []);
  mock.timers.tick(1000);
  assert.deepEqual(log, ['ping']);
  watchdog.heard();
  mock.timers.tick(14_000);
  assert.deepEqual(log, ['ping', 'ping']);
  mock.timers.tick(1000);
  assert.deepEqual(log, ['ping', 'ping', 'dead']);
  mock.timers.tick(60_000);
  assert.equal(log.length, 3);
  mock.timers.reset();
});
