import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soak } from '../bench/soak/soak.ts';
import { withSlack } from './support/limits.ts';

const SECONDS = 180;
/** Time limit of the test, in place of the runner's, which is shorter. Leaves time for the start on a loaded machine. */
const LIMIT_MS = 330_000;
const VIEWERS = 50;
const CALLS_PER_SECOND = 100;
/** Share of the calls that a busy machine makes at least. */
const LEAST_CALLS_SHARE = 0.2;
/**
 * Growth of memory in MiB per minute. Heaps still fill in the first minutes, so that this run finds only large leaks,
 * such as the memory of each connection that has ended. `npm run soak` asserts 0.2.
 */
const MOST_SLOPE = 20;
/** Time for statistics, p99, in ms. */
const P99_MS = 500;

test('a server under 50 restless viewers and 100 API calls a second makes no error and keeps its memory', {
  timeout: LIMIT_MS,
}, async (t) => {
  const result = await soak({
    seconds: SECONDS,
    flatSeconds: SECONDS / 2,
    viewers: VIEWERS,
    callsPerSecond: CALLS_PER_SECOND,
    seed: 1,
    say: (line) => t.diagnostic(line),
    reportSeconds: 30,
  });
  const { crowd, calls, p99Ms, slopeMibPerMinute, errors } = result;
  t.diagnostic(
    `p99 of statistics ${p99Ms.toFixed(1)} ms, slope ${slopeMibPerMinute.toFixed(2)} MiB a minute`,
  );
  assert.deepEqual(errors, []);
  assert.ok(crowd.joined > VIEWERS, `${crowd.joined} viewers came`);
  assert.ok(crowd.resizes > 0 && crowd.clipboards > 0 && crowd.updates > 0, JSON.stringify(crowd));
  assert.ok(calls > SECONDS * CALLS_PER_SECOND * LEAST_CALLS_SHARE, `${calls} calls`);
  assert.ok(p99Ms < withSlack(P99_MS), `${p99Ms} ms`);
  assert.ok(slopeMibPerMinute < MOST_SLOPE, `${slopeMibPerMinute} MiB a minute`);
});
