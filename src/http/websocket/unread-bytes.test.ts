import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { waitFor } from '../../../test/support/wait-for.ts';
import { MemoryShortage } from '../connections/memory-shortage.ts';
import { UnreadBytes } from './unread-bytes.ts';

const MIB = 1024 * 1024;

/** A machine with 1 GiB, of which `freeMib` are left, and viewers for which so many MiB wait. */
function create(t: TestContext, freeMib: number, waitingMib: readonly number[]) {
  const lines: { viewers?: number; bytes?: number }[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  let looks = 0;
  const read = async () => {
    looks++;
    return [{ freeBytes: freeMib * MIB, limitBytes: 1024 * MIB }];
  };
  const memory = new MemoryShortage({ log: pino({ enabled: false }), maxBytes: undefined, read });
  const viewers = waitingMib.map((mib) => ({
    isEnded: false,
    bufferedBytes: mib * MIB,
    terminate() {
      assert.equal(this.isEnded, false);
      this.isEnded = true;
    },
  }));
  const unread = new UnreadBytes({ memory, log, viewers: () => viewers });
  t.after(() => {
    unread.close();
    memory.close();
  });
  const endedMib = () => waitingMib.filter((_, i) => viewers[i]!.isEnded);
  return { unread, lines, endedMib, looks: () => looks };
}

test('when memory runs out, the viewers for which most waits are ended, until half of that is gone', async (t) => {
  const { unread, endedMib, lines } = create(t, 10, [6, 1, 20, 0.5, 7, 8, 2]);
  await unread.look();
  assert.deepEqual(endedMib(), [20, 8]);
  assert.deepEqual([lines[0]?.viewers, lines[0]?.bytes], [2, 28 * MIB]);
  // What waits for them is dropped later, and the others are below the limit by themselves.
  await unread.look();
  assert.equal(lines.length, 1);
});

test('while there is memory, no viewer is ended, however much waits', async (t) => {
  const { unread, endedMib, looks } = create(t, 500, [300, 300]);
  await unread.look();
  assert.deepEqual([endedMib(), looks()], [[], 1]);
});

test('a shortage that viewers do not cause ends none of them, and memory is not looked at for them', async (t) => {
  const { unread, endedMib, looks } = create(t, 10, [20, 11]);
  await unread.look();
  assert.deepEqual([endedMib(), looks()], [[], 0]);
});

test('viewers for which little waits stay, also if there are many and memory runs out', async (t) => {
  const { unread, endedMib, lines } = create(
    t,
    10,
    Array.from({ length: 100 }, () => 0.9),
  );
  await unread.look();
  assert.deepEqual([endedMib(), lines], [[], []]);
});

test('a burst of bytes to viewers is looked at before the next regular look', async (t) => {
  const { unread, endedMib, looks } = create(t, 10, [40, 1]);
  for (let i = 0; i < 31; i++) unread.sent(MIB);
  assert.equal(looks(), 0);
  unread.sent(MIB);
  assert.equal(looks(), 1);
  await waitFor('the end of the one for which most waits', () => endedMib().length > 0);
  assert.deepEqual(endedMib(), [40]);
});

test('what waits is looked at again and again, and no more when nothing does', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const memory = { isShort: false, look: () => Promise.resolve() };
  const viewer = { bufferedBytes: 1, terminate: () => undefined };
  let looks = 0;
  const viewers = () => {
    looks++;
    return [viewer];
  };
  const unread = new UnreadBytes({ memory, log: pino({ enabled: false }), viewers });
  const looksIn = (ms: number): number => {
    const before = looks;
    t.mock.timers.tick(ms);
    return looks - before;
  };
  assert.equal(looksIn(10_000), 0);
  unread.sent(1);
  assert.equal(looksIn(10_000), 40);
  viewer.bufferedBytes = 0;
  assert.equal(looksIn(10_000), 1);
  unread.sent(1);
  assert.equal(looksIn(10_000), 1);
  unread.close();
  unread.sent(1);
  assert.equal(looksIn(10_000), 0);
});
