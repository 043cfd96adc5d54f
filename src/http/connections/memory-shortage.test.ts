import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { MemoryShortage } from './memory-shortage.ts';

const MIB = 1024 * 1024;

/** A machine with 1 GiB, of which `freeMib` are left, and a clock. */
function create(t: TestContext, maxBytes?: number) {
  const lines: { level: number; code?: string; freeBytes?: number }[] = [];
  const state = { freeMib: 500, nowMs: 0, reads: 0 };
  const memory = new MemoryShortage({
    log: pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    maxBytes,
    read: async () => {
      state.reads++;
      return [{ freeBytes: state.freeMib * MIB, limitBytes: 1024 * MIB }];
    },
    nowMs: () => state.nowMs,
  });
  t.after(() => memory.close());
  /** Whether memory is short when there is so much a second later. */
  const shortAt = async (freeMib: number): Promise<boolean> => {
    state.freeMib = freeMib;
    state.nowMs += 1000;
    await memory.look();
    return memory.isShort;
  };
  return { memory, lines, state, shortAt };
}

test('memory is short below 64 MiB, until there is half as much again, and both are logged once', async (t) => {
  const { lines, shortAt } = create(t);
  const found = [];
  for (const free of [64, 63, 10, 95, 96, 70]) found.push(await shortAt(free));
  assert.deepEqual(found, [false, true, true, true, false, false]);
  assert.deepEqual(
    lines.map(({ level, code, freeBytes }) => [level, code, freeBytes]),
    [
      [50, 'HTTP_MEMORY_SHORT', 63 * MIB],
      [40, undefined, undefined],
    ],
  );
});

test('of many connections at once, one has the memory looked at', async (t) => {
  const { memory, state } = create(t);
  state.nowMs = 1000;
  for (let i = 0; i < 100; i++) await memory.look();
  assert.equal(state.reads, 1);
});

test('the limit of the settings applies to this process beside those of the system', async (t) => {
  assert.equal(await create(t, process.memoryUsage.rss() + 200 * MIB).shortAt(500), false);
  const { shortAt, lines } = create(t, process.memoryUsage.rss() - 10 * MIB);
  assert.equal(await shortAt(500), true);
  assert.ok(lines[0]!.freeBytes! < 0);
});

test('limits that cannot be read keep no caller out', async (t) => {
  const memory = new MemoryShortage({
    log: pino({ enabled: false }),
    maxBytes: undefined,
    read: async () => [],
  });
  t.after(() => memory.close());
  await memory.look();
  assert.equal(memory.isShort, false);
});
