import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { after, before, test } from 'node:test';
import { desktopGone } from '../support/desktop-end.ts';
import { HttpsClient, type HttpsRequest } from '../support/https-client.ts';
import { least } from '../support/limits.ts';
import { desktopProcesses } from '../support/process-tree.ts';
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

/** Calls that need the X server, with what they need. */
const NEED_X: readonly (readonly [call: string, request?: HttpsRequest])[] = [
  ['/api/get_screenshot?width=64'],
  ['/api/get_screenshot?width=64&cursor=true'],
  ['/api/get_frame_stats?client=none'],
  ['/api/clear_clipboard'],
  ['/api/clipboard', { method: 'PUT', body: 'text', headers: { 'content-type': 'text/plain' } }],
  ['/api/resize', { method: 'POST', body: { width: 640, height: 480 } }],
];

/** The call whose answer does not end. */
const STREAM = '/api/events';

/** The call that waits for a frame, and answers without content if none comes. */
const NEXT_FRAME = '/api/get_next_frame_stats';

/** Parameters for calls without which the call is refused. They name a user who does not exist. */
const PARAMETERS: Readonly<Record<string, string>> = {
  '/api/update_user': '?name=nobody&read=true',
  '/api/remove_user': '?name=nobody',
};

/** Asks until the answer comes within the promised time. It must have the status each time. */
const answersInTime = (call: string, expected: number, request: HttpsRequest = {}): Promise<void> =>
  least(ANSWER_MS, async () => {
    const startMs = performance.now();
    const { status } = await api.send(call, request);
    assert.equal(status, expected, call);
    return performance.now() - startMs;
  });

test('while the X server hangs, calls that need it answer 503 within 5 s, all others answer, and /readyz is 503', async () => {
  assert.equal(await ready(), 200);
  // The login is remembered: hashing is no part of the measurement.
  assert.equal((await api.get('/api/get_screenshot?width=64')).status, 200);
  const { paths } = (await api.get('/api/openapi.json')).json();
  const calls = Object.keys(paths).filter((path) => 'get' in paths[path] && path !== STREAM);
  const others = calls.filter((path) => !NEED_X.some(([call]) => call.startsWith(path)));
  assert.ok(others.length > 5);
  const pid = xServerPid(server.pid)!;
  process.kill(pid, 'SIGSTOP');
  try {
    for (const [call, request] of NEED_X) await answersInTime(call, 503, request);
    for (const path of others) {
      const status = path === NEXT_FRAME ? 204 : path.endsWith('_user') ? 400 : 200;
      await answersInTime(`${path}${PARAMETERS[path] ?? ''}`, status);
    }
    assert.equal(await ready(), 503);
    assert.equal((await anonymous.get('/healthz')).status, 200);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await waitFor('the desktop', async () => (await ready()) === 200);
  assert.equal((await api.get('/api/get_screenshot?width=64')).status, 200);
});

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`${signal} to a server whose X server hangs leaves no process and no folder of the desktop`, async () => {
    const dying = await startDeskwire({ flags: ['--size', '320x200', '--run', 'exec sleep 1000'] });
    const dir = dirname(dying.xEnvironment().XAUTHORITY!);
    process.kill(xServerPid(dying.pid)!, 'SIGSTOP');
    await waitFor('the X server and the program', () => desktopProcesses(dir).length === 2);
    await dying.stop(signal);
    await desktopGone(dir);
  });
}
