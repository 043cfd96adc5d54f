import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { waitFor } from '../support/wait-for.ts';

const LAUNCHER = join(import.meta.dirname, '../../bin/deskwire.mjs');

let server: RunningDeskwire;
before(async () => {
  server = await startDeskwire({ flags: ['--size', '320x200', '--run', 'true'] });
});
after(() => server.stop());

/** Runs `deskwire health` with settings from the environment, as in a container. */
function health(env: NodeJS.ProcessEnv): Promise<{ readonly status: unknown; readonly stdout: string }> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env } };
    execFile(process.execPath, [LAUNCHER, 'health'], options, (error, stdout) =>
      resolve({ status: error?.code ?? 0, stdout }),
    );
  });
}

test('deskwire health exits with 0 while the desktop answers', async () => {
  const env = { DESKWIRE_PORT: String(server.port), DESKWIRE_LISTEN: '127.0.0.1' };
  assert.deepEqual(await health(env), { status: 0, stdout: 'ok\n' });
});

test('deskwire health reaches a server that listens on all addresses', async () => {
  const env = { DESKWIRE_PORT: String(server.port), DESKWIRE_LISTEN: '0.0.0.0' };
  assert.deepEqual(await health(env), { status: 0, stdout: 'ok\n' });
});

test('deskwire health exits with 1 when the server does not answer, and when there is none', async () => {
  const env = { DESKWIRE_PORT: String(server.port) };
  process.kill(server.pid, 'SIGSTOP');
  try {
    const { status, stdout } = await health(env);
    assert.deepEqual([status, /^unavailable: no answer within 4 s/.test(stdout)], [1, true], stdout);
  } finally {
    process.kill(server.pid, 'SIGCONT');
  }
  await waitFor('the server to answer again', async () => (await health(env)).status === 0);
  const { status, stdout } = await health({ DESKWIRE_PORT: '1' });
  assert.deepEqual([status, /^unavailable: /.test(stdout)], [1, true], stdout);
});
