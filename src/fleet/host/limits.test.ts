import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { prepareLimits, removeGroups } from './limits.ts';

const run = promisify(execFile);
const newId = (): string => randomBytes(6).toString('hex');
const none = { words: [], enforced: [] };

/** The folder of a host with cgroup v2, in which a process is in the group `path`. */
function hostWithV2(path: string, controllers: string, isLeaf = true): string {
  const root = temporaryFolder('deskwire-cgroup-');
  mkdirSync(join(root, 'proc/self'), { recursive: true });
  writeFileSync(join(root, 'proc/self/cgroup'), `0::${path}\n`);
  writeFileSync(join(root, 'proc/self/mountinfo'), '30 23 0:26 / /cg rw - cgroup2 cgroup2 rw\n');
  const folder = join(root, 'cg', path);
  mkdirSync(folder, { recursive: true });
  const parent = isLeaf ? folder : join(folder, '..');
  writeFileSync(join(parent, 'cgroup.subtree_control'), controllers);
  return root;
}

/** What is in the files of a group. */
const inGroup = (folder: string, ...files: readonly string[]): string[] =>
  files.map((file) => readFileSync(join(folder, file), 'utf8'));

test('with cgroup v2 the limits are those of a group, which the command enters', async () => {
  const root = hostWithV2('/system.slice/deskwire.service', 'cpu memory pids');
  const limits = { memory_mb: 512, cpu_percent: 150, processes: 300 };
  const { words, enforced } = await prepareLimits(limits, '0123456789ab', false, root);
  assert.deepEqual(enforced, ['memory_mb', 'cpu_percent', 'processes']);
  const group = join(root, 'cg/system.slice/deskwire.service/deskwire-0123456789ab');
  assert.deepEqual(inGroup(group, 'memory.max', 'cpu.max', 'pids.max'), [
    String(512 * 1024 * 1024),
    '150000 100000',
    '300',
  ]);
  const { stdout } = await run(words[0]!, [
    ...words.slice(1),
    '/bin/sh',
    '-c',
    'echo $$; echo "$@"',
    'x',
    'a b',
  ]);
  const [pid, rest] = stdout.split('\n');
  assert.equal(readFileSync(join(group, 'cgroup.procs'), 'utf8'), `${pid}\n`);
  assert.equal(rest, 'a b');
});

test('with cgroup v2 only the limits whose controllers the host passes on are said to be enforced', async () => {
  const root = hostWithV2('/a/deskwire-fleet', 'pids', false);
  // What the kernel would refuse: the group of a controller that is not passed on lacks its files.
  mkdirSync(join(root, 'cg/a/deskwire-0123456789ab/memory.max'), { recursive: true });
  const limits = { memory_mb: 512, processes: 300 };
  const { words, enforced } = await prepareLimits(limits, '0123456789ab', true, root);
  assert.deepEqual(enforced, ['processes']);
  assert.equal(words.at(-1), join(root, 'cg/a/deskwire-0123456789ab'));
});

test('without control groups only the number of processes is limited, and only for an own Unix user', async () => {
  const root = temporaryFolder('deskwire-cgroup-');
  const limits = { memory_mb: 512, cpu_percent: 100, processes: 300 };
  assert.deepEqual(await prepareLimits(limits, newId(), false, root), none);
  assert.deepEqual(await prepareLimits({}, newId(), true, root), none);
  const { words, enforced } = await prepareLimits(limits, newId(), true, root);
  assert.deepEqual(enforced, ['processes']);
  const { stdout } = await run(words[0]!, [...words.slice(1), '/bin/cat', '/proc/self/limits']);
  assert.match(stdout, /^Max processes +300 +300 /m);
});

test('this machine’s control groups hold memory and processes, and are gone afterwards', async (t: TestContext) => {
  const id = newId();
  const { words, enforced } = await prepareLimits({ memory_mb: 48, processes: 20 }, id, false);
  if (enforced.length < 2) {
    t.skip(`this host lets us limit only: ${enforced.join(', ') || 'nothing'}`);
    return;
  }
  const within = (script: string): Promise<{ stdout: string }> =>
    run(words[0]!, [...words.slice(1), '/bin/sh', '-c', script]);
  const hungry =
    'head -c 200000000 /dev/zero | tail -c 150000000 >/dev/null; test $? -eq 0 && echo all || echo killed';
  assert.equal((await within(hungry)).stdout, 'killed\n');
  const many = 'i=0; while [ $i -lt 40 ]; do sleep 5 & i=$((i+1)); done 2>/dev/null; echo done';
  const { stdout } = await within(
    `(${many}) || echo refused; kill $(jobs -p) 2>/dev/null; pkill -P $$; true`,
  );
  assert.match(stdout, /refused/);
  for (const folder of new Set(words.filter((word) => word.endsWith(`deskwire-${id}`)))) {
    const left = readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean);
    for (const pid of left) process.kill(Number(pid), 'SIGKILL');
  }
  await removeGroups(id);
  const again = await prepareLimits({ processes: 20 }, id, false);
  assert.equal(again.enforced.length, 1, 'the groups can be made anew');
  await removeGroups(id);
});
