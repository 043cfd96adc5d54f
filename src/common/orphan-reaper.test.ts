import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { OrphanReaper } from './orphan-reaper.ts';

/** A reaper of children that the test makes up. `look` lets the time pass until it looks. */
function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const zombies = new Map<number, string>();
  const reaped: number[] = [];
  let failures = 0;
  const fail = (): void => {
    failures = 1;
  };
  const reaper = new OrphanReaper({
    zombies: () => {
      if (failures-- > 0) throw new Error('EMFILE');
      return [...zombies].map(([pid, startedAt]) => ({ pid, startedAt }));
    },
    reap: (pid) => {
      zombies.delete(pid);
      reaped.push(pid);
    },
  });
  t.after(() => reaper.close());
  const childEnds = (): void => void process.emit('SIGCHLD', 'SIGCHLD');
  const look = (): void => t.mock.timers.tick(1000);
  return { zombies, reaped, childEnds, look, fail };
}

test('an orphan that two looks find is reaped', (t) => {
  const { zombies, reaped, childEnds, look } = setUp(t);
  zombies.set(7, 'a');
  childEnds();
  look();
  assert.deepEqual(reaped, []);
  look();
  assert.deepEqual(reaped, [7]);
});

test('a child that Node.js waits for in the meantime is left to it', (t) => {
  const { zombies, reaped, childEnds, look } = setUp(t);
  zombies.set(7, 'a');
  childEnds();
  look();
  zombies.delete(7);
  look();
  look();
  assert.deepEqual(reaped, []);
});

test('a child with the id of one that has been waited for is another one', (t) => {
  const { zombies, reaped, childEnds, look } = setUp(t);
  zombies.set(7, 'a');
  childEnds();
  look();
  zombies.set(7, 'b');
  look();
  assert.deepEqual(reaped, []);
  look();
  assert.deepEqual(reaped, [7]);
});

test('without a child that ends, nothing is looked for', (t) => {
  const { zombies, reaped, look } = setUp(t);
  zombies.set(7, 'a');
  look();
  look();
  look();
  assert.deepEqual(reaped, []);
});

test('a look that fails, for want of a descriptor, is repeated', (t) => {
  const { zombies, reaped, childEnds, look, fail } = setUp(t);
  zombies.set(7, 'a');
  childEnds();
  fail();
  look();
  assert.deepEqual(reaped, []);
  look();
  look();
  assert.deepEqual(reaped, [7]);
});
