import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Shutdown } from './shutdown.ts';

function setUp(t: TestContext, close: () => Promise<void>) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = { nowMs: 0 };
  const exits: [number, boolean][] = [];
  const exit = (status: number, graceful: boolean) => exits.push([status, graceful]);
  const shutdown = new Shutdown({ close, exit, nowMs: () => clock.nowMs });
  return { clock, exits, shutdown };
}
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
const never = () => new Promise<void>(() => {});

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
  test(`${name} ends the server gracefully with exit status 0`, async (t) => {
    const { shutdown, exits } = setUp(t, async () => {});
    assert.equal(shutdown.hasBegun, false);
    shutdown.signal(name);
    assert.equal(shutdown.hasBegun, true);
    await settled();
    assert.deepEqual(exits, [[0, true]]);
  });
}

test('a second SIGINT within a second is ignored, and a later one ends the process at once', (t) => {
  const { shutdown, exits, clock } = setUp(t, never);
  shutdown.signal('SIGINT');
  clock.nowMs = 900;
  shutdown.signal('SIGINT');
  assert.deepEqual(exits, []);
  clock.nowMs = 1001;
  shutdown.signal('SIGTERM');
  assert.deepEqual(exits, []);
  shutdown.signal('SIGINT');
  assert.deepEqual(exits, [[130, false]]);
});

test('a step of the shutdown that fails or takes more than 2 s is ended by force', async (t) => {
  const { shutdown, exits } = setUp(t, never);
  shutdown.signal('SIGTERM');
  t.mock.timers.tick(1999);
  assert.deepEqual(exits, []);
  t.mock.timers.tick(1);
  assert.deepEqual(exits, [[1, false]]);
});

test('a failed end is not graceful, and an end after a failure keeps its status', async (t) => {
  const failing = setUp(t, () => Promise.reject(new Error('no')));
  await failing.shutdown.begin(0);
  assert.deepEqual(failing.exits, [[1, false]]);
  t.mock.timers.reset();
  const fatal = setUp(t, async () => {});
  await fatal.shutdown.begin(3);
  assert.deepEqual(fatal.exits, [[3, true]]);
});
