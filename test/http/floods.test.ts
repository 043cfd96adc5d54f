import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, forkChild } from '../../bench/ipc.ts';
import { HttpsClient } from '../support/https-client.ts';
import { passesOnce, withSlack } from '../support/limits.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import type { Strange, StrangerCalls } from '../support/stranger.ts';

/** Low, so that a flood has used up its burst after a moment. */
const RATE = 5;
const BURST = 20 * RATE;
const FLOOD_MS = 2500;
/** Time in which a flood uses up its burst, and more on a busy machine. */
const FIRST_MS = 3000;
/** Answers that may come besides the burst, because the flood begins and ends at any time. */
const MARGIN = 40;
/** How long the calls of others may take longer than without the flood, in milliseconds. */
const MOST_LONGER_MS = 20;
const CALL_EACH_MS = 10;

let server: RunningDeskwire;
let stranger: Child<StrangerCalls>;
let api: HttpsClient;

before(async () => {
  server = await startDeskwire({
    flags: [
      '--size',
      '640x480',
      '--run',
      'true',
      '--max-connect-rate',
      `${RATE}`,
      '--max-connections-per-address',
      '40',
    ],
  });
  stranger = forkChild<StrangerCalls>(new URL('../support/stranger.ts', import.meta.url));
  api = new HttpsClient(server.url, server.ca, server.owner);
});

after(async () => {
  await stranger?.close();
  api?.close();
  await server?.stop();
});

/** 95th percentile of the time of calls while `work` is under way, in milliseconds. */
async function callsDuring(work: Promise<unknown>): Promise<number> {
  const took: number[] = [];
  let isOver = false;
  const ended = work.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    const startMs = performance.now();
    assert.equal((await api.get('/api/get_users')).status, 200);
    took.push(performance.now() - startMs);
    await sleep(CALL_EACH_MS);
  }
  await ended;
  return took.sort((a, b) => a - b)[Math.floor(took.length * 0.95)]!;
}

for (const [what, from, flood] of [
  ['TLS handshakes', '127.0.0.2', (strange: Strange) => stranger.calls.shakeHands(strange)],
  ['requests without a login', '127.0.0.3', (strange: Strange) => stranger.calls.ask(strange)],
] as const) {
  test(`a flood of ${what} from one address leaves the calls from other addresses as quick as before`, async () => {
    const { port, ca } = server;
    const first = await flood({ port, ca, from, ms: FIRST_MS });
    assert.ok(first >= BURST / 2, `${first} of the burst were let in`);
    await passesOnce(async () => {
      const withoutMs = await callsDuring(sleep(FLOOD_MS));
      let count = 0;
      const flooding = flood({ port, ca, from, ms: FLOOD_MS }).then((found) => {
        count = found;
      });
      const withMs = await callsDuring(flooding);
      const text = `p95 of calls ${withoutMs.toFixed(1)} ms, with the flood ${withMs.toFixed(1)} ms; ${count} let in`;
      console.log(`# ${what}: ${text}`);
      const isBounded = count <= BURST + (RATE * FLOOD_MS) / 1000 + MARGIN;
      return isBounded && withMs <= 2 * withoutMs + withSlack(MOST_LONGER_MS) ? undefined : text;
    });
  });
}
