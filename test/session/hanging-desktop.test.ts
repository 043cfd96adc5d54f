import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { HttpsClient } from '../support/https-client.ts';
import { least } from '../support/limits.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { waitFor } from '../support/wait-for.ts';
import { xServerPid } from '../support/x-server-pid.ts';

/** Promised time of an answer while the X server hangs, in milliseconds. */
const ANSWER_MS = 5_000;

let server: RunningDeskwire;
let api: HttpsClient;
let anonymous: HttpsClient;

before(async () => {
  server = await startDeskwire({ flags: ['--size', '320x200', '--run', 'exec sleep 1000'] });
  api = new HttpsClient(server.url, server.ca, server.owner);
  anonymous = new HttpsClient(server.url, server.ca);
});
after(async () => {
  api?.close();
  anonymous?.close();
  await server?.stop();
});

const ready = async (): Promise<number> => (await anonymous.get('/readyz')).status;

test('while the X server hangs, calls that need it answer 503 within 5 s, and /readyz too', async () => {
  assert.equal(await ready(), 200);
  // The login is remembered: hashing is no part of the measurement.
  assert.equal((await api.get('/api/get_screenshot?width=64')).status, 200);
  const pid = xServerPid(server.pid)!;
  process.kill(pid, 'SIGSTOP');
  try {
    for (const call of [
      '/api/get_screenshot?width=64',
      '/api/get_screenshot?width=64&cursor=true',
      '/api/get_frame_stats?client=none',
      '/api/clear_clipboard',
    ]) {
      await least(ANSWER_MS, async () => {
        const startMs = performance.now();
        const { status } = await api.get(call);
        assert.equal(status, 503, call);
        return performance.now() - startMs;
      });
    }
    assert.equal(await ready(), 503);
    assert.equal((await anonymous.get('/healthz')).status, 200);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await waitFor('the desktop', async () => (await ready()) === 200);
  assert.equal((await api.get('/api/get_screenshot?width=64')).status, 200);
});
