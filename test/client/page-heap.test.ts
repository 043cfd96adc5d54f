import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PageUse } from '../../bench/soak/page-use.ts';
import { OWNER_ANSWERS } from '../looks/owner-answers.ts';

// `npm run soak -- page` does the same for an hour.

/** Cycles after which the page has made everything that it makes once. */
const WARM_UP = 6;
const CYCLES = 14;
/**
 * Growth of the heap for a cycle that is called none, in bytes: compilers and caches of Chromium still take some 10 KB
 * after so few cycles, and 2 KB after fifty. A larger value misses small leaks, which nodes and listeners show exactly.
 */
const MOST_BYTES = 50_000;

/**
 * The chart of a frame's stages holds those of the last minute, so that it would grow for longer than this test takes.
 */
const NO_FRAME = { frame: { server_time_us: 0 }, server_side: [], client_side: [] };
const ANSWERS: typeof OWNER_ANSWERS = new Map([
  ...OWNER_ANSWERS,
  ['GET /api/get_next_frame_stats', { status: 200, body: NO_FRAME }],
]);

test('a page that loses its server, is resized and has its panels opened many times holds no more than before', async (t) => {
  const use = await PageUse.start(ANSWERS);
  try {
    for (let i = 0; i < WARM_UP; i++) await use.cycle();
    const before = await use.measure();
    for (let i = 0; i < CYCLES; i++) await use.cycle();
    const after = await use.measure();
    const bytes = (after.heapBytes - before.heapBytes) / CYCLES;
    t.diagnostic(`${bytes.toFixed(0)} bytes a cycle, ${JSON.stringify({ before, after })}`);
    assert.ok(bytes < MOST_BYTES, `${bytes.toFixed(0)} bytes a cycle`);
    // One cycle ends in another state than the next, but not by as many as there were cycles.
    assert.ok(after.nodes - before.nodes < CYCLES, `${before.nodes} nodes became ${after.nodes}`);
    assert.ok(
      after.listeners - before.listeners < CYCLES,
      `${before.listeners} listeners became ${after.listeners}`,
    );
  } finally {
    await use.close();
  }
});
