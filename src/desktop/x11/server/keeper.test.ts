import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { desktopGone } from '../../../../test/support/desktop-end.ts';
import { withSlack } from '../../../../test/support/limits.ts';
import { desktopProcesses, processesWith, readProc } from '../../../../test/support/process-tree.ts';
import { waitFor } from '../../../../test/support/wait-for.ts';
import type { DesktopUser } from './desktop-user.ts';

/** Promised time in which nothing outlives the server, in milliseconds. */
const GONE_MS = 2000;

const url = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);

interface Server {
  readonly child: ChildProcess;
  /** The runtime folder. */
  readonly dir: string;
}

/**
 * Starts a process that stands for the server: it has a keeper, and starts `program` as one of its desktop, as `user`.
 * `before` are words before its command line.
 */
async function serverWith(
  t: TestContext,
  program: string,
  { user, before = [] }: { user?: DesktopUser | undefined; before?: readonly string[] } = {},
): Promise<Server> {
  const dir = mkdtempSync(join(tmpdir(), 'deskwire-runtime-'));
  const source = `
    import { Keeper } from ${url('./keeper.ts')};
    import { desktopEnvironment, launch } from ${url('./launch.ts')};
    const dir = process.argv[1];
    const user = process.argv[3] && JSON.parse(process.argv[3]);
    const keeper = Keeper.start(dir, user);
    const env = desktopEnvironment(user, dir);
    launch('sh', ['-c', process.argv[2]], { user, env, stdio: 'ignore', cwd: '/' });
    process.on('message', async () => {
      await keeper.end();
      process.send('ended');
    });
    process.send('started');`;
  const node = [
    process.execPath,
    '--input-type=module',
    '-e',
    source,
    dir,
    program,
    JSON.stringify(user) ?? '',
  ];
  const [command, ...args] = [...before, ...node];
  const child = spawn(command!, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  t.after(() => {
    child.kill('SIGKILL');
    for (const pid of keepers(dir)) process.kill(pid, 'SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  });
  await once(child, 'message');
  return { child, dir };
}

/** The processes of the keeper whose folder is `dir`. */
const keepers = (dir: string): number[] =>
  processesWith('cmdline', 'deskwire-keeper').filter((pid) => readProc(pid, 'cmdline')?.includes(dir));

const sleeping = (dir: string): number[] =>
  desktopProcesses(dir).filter((pid) => readProc(pid, 'cmdline')?.startsWith('sleep'));

async function untilSleeping(dir: string, count: number): Promise<void> {
  await waitFor('the programs', () => sleeping(dir).length === count);
}

/** Two programs: one that has left its parent, its group and its session, and ignores signals; and one that has not. */
const STUBBORN = '(trap "" HUP INT TERM; setsid sleep 1000 &); exec sleep 1001';

test('after SIGKILL of the server, all programs of its desktop end, and its folder is removed', async (t) => {
  const { child, dir } = await serverWith(t, STUBBORN);
  await untilSleeping(dir, 2);
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
  await desktopGone(dir);
});

test('after SIGKILL of the server, the programs that it started end even if the keeper was killed', async (t) => {
  const { child, dir } = await serverWith(t, 'exec sleep 1000');
  await untilSleeping(dir, 1);
  for (const pid of keepers(dir)) process.kill(pid, 'SIGKILL');
  await waitFor('the end of the keeper', () => keepers(dir).length === 0);
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
  await waitFor('the end of the program', () => desktopProcesses(dir).length === 0, withSlack(GONE_MS));
});

/** Without these, which Docker keeps from containers, root may not read the environment of other users' processes. */
const KEPT_BACK = '-sys_ptrace,-sys_admin,-perfmon';
const AS_IN_A_CONTAINER = ['setpriv', '--bounding-set', KEPT_BACK, '--inh-caps', KEPT_BACK];
const NOBODY: DesktopUser = {
  name: 'nobody',
  uid: 65534,
  gid: 65534,
  home: '/nonexistent',
  shell: '/bin/sh',
  isOurs: true,
};

for (const [what, before] of [
  ['a server started by root', []],
  ['a server started by root in a container', AS_IN_A_CONTAINER],
] as const) {
  const skip = process.getuid?.() !== 0 && 'only root can run the desktop as another user';
  test(`after SIGKILL of ${what}, all programs of another user's desktop end`, { skip }, async (t) => {
    const { child, dir } = await serverWith(t, STUBBORN, { user: NOBODY, before });
    await untilSleeping(dir, 2);
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    await desktopGone(dir);
  });
}

test('a keeper that is told so ends everything at once, and goes itself', async (t) => {
  const { child, dir } = await serverWith(t, STUBBORN);
  await untilSleeping(dir, 2);
  const ended = once(child, 'message');
  child.send('end');
  await ended;
  await desktopGone(dir);
  await waitFor('the end of the keeper', () => keepers(dir).length === 0);
  assert.equal(child.exitCode, null, 'the server goes on');
});
