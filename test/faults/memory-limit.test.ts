import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HttpsClient } from '../support/https-client.ts';
import { startDeskwire } from '../support/start-deskwire.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';

const MIB = 1024 * 1024;
/** Limit of the control group, and what a program in it takes: the reserve of 64 MiB is used then, but not all. */
const LIMIT_BYTES = 512 * MIB;
const TAKEN_BYTES = 465 * MIB;

const V1 = '/sys/fs/cgroup/memory';
const V2 = '/sys/fs/cgroup';

/** Makes a control group with a memory limit. Returns its folder; undefined if this process may make none. */
function makeGroup(): string | undefined {
  const isV1 = existsSync(join(V1, 'memory.limit_in_bytes'));
  const folder = join(isV1 ? V1 : V2, `deskwire-test-${process.pid}`);
  try {
    mkdirSync(folder);
  } catch {
    return undefined;
  }
  try {
    writeFileSync(join(folder, isV1 ? 'memory.limit_in_bytes' : 'memory.max'), String(LIMIT_BYTES));
    return folder;
  } catch {
    rmdirSync(folder);
    return undefined;
  }
}

function removeGroup(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    // Its last process has not been reaped yet.
    return false;
  }
}

/** Starts a program in the group that takes memory. */
async function takeMemory(folder: string): Promise<ChildProcess> {
  const take = `const b = Buffer.alloc(${TAKEN_BYTES}, 1); console.log('taken'); setInterval(() => b[0]++, 1000);`;
  const enter = 'echo $$ > "$0/cgroup.procs" && exec "$@"';
  const child = spawn('sh', ['-c', enter, folder, process.execPath, '-e', take], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  return child;
}

test('when the memory of its control group runs out, the server refuses callers, keeps viewers, and recovers', async (t) => {
  const folder = makeGroup();
  if (folder === undefined) {
    t.skip('This process may not make a control group with a memory limit.');
    return;
  }
  const server = await startDeskwire({ flags: ['--size', '320x200', '--run', 'true'] });
  const programs: ChildProcess[] = [];
  t.after(async () => {
    for (const program of programs) program.kill('SIGKILL');
    await server.stop();
    await waitFor('the group to be removed', () => removeGroup(folder));
  });
  writeFileSync(join(folder, 'cgroup.procs'), String(server.pid));
  const status = async (): Promise<number> => {
    const client = new HttpsClient(server.url, server.ca, server.owner);
    return client
      .get('/api/get_users')
      .then((answer) => answer.status)
      .finally(() => client.close());
  };
  const viewer = await Viewer.connectWebSocket({ url: server.url, ca: server.ca, user: server.owner });
  t.after(() => viewer.destroy());
  assert.equal(await status(), 200);

  const program = await takeMemory(folder);
  programs.push(program);
  await waitFor('a refusal', async () => (await status()) === 503);
  await viewer.roundTrip();
  await waitFor('the line in the log', () => server.output().stderr.includes('HTTP_MEMORY_SHORT'));

  program.kill('SIGKILL');
  await once(program, 'exit');
  await waitFor('an answer', async () => (await status()) === 200);
  await viewer.roundTrip();
  assert.equal(viewer.closedReason, undefined);
});
