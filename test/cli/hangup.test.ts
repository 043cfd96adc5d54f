import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DeskwireProcess } from '../support/deskwire-process.ts';
import { processesWith, processTree, statFields } from '../support/process-tree.ts';
import { waitFor } from '../support/wait-for.ts';

const ROOT = join(import.meta.dirname, '../..');
const NODE = process.execPath;

/**
 * Runs a line of an interactive shell in a terminal that closes once the server is ready. Returns what tells whether
 * the server runs, and its log. `redirections` take the server's output to its file, and `ending` ends the line.
 */
async function startInTerminal(
  t: TestContext,
  command: string,
  redirections = (log: string) => `>${log} 2>&1`,
  ending = '&',
): Promise<{ isRunning(): boolean; log(): string }> {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-hangup-'));
  const data = join(folder, 'data');
  const log = join(folder, 'log');
  const isRunning = (): boolean => servers(data).length > 0;
  t.after(async () => {
    for (const pid of servers(data)) process.kill(pid, 'SIGTERM');
    await waitFor('the end of the server', () => !isRunning());
    rmSync(folder, { recursive: true, force: true });
  });
  const line = `${command} --port 0 --size 320x200 --run true --data ${data} ${redirections(log)} ${ending}`;
  const env: NodeJS.ProcessEnv = { ...process.env, PS1: '', HOME: folder, DESKWIRE_DESKTOP_USER: 'root' };
  delete env.NODE_TEST_CONTEXT;
  if (process.getuid?.() !== 0) delete env.DESKWIRE_DESKTOP_USER;
  // script(1) gives the shell a terminal, which closes when script ends. With exec, bash gets its signal, whatever $SHELL is.
  const terminal = spawn('script', ['-qfc', 'exec bash --norc --noprofile -i', '/dev/null'], {
    env,
    cwd: ROOT,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  terminal.stdin.write(`${line}\n`);
  const text = (): string => (existsSync(log) ? readFileSync(log, 'utf8') : '');
  await waitFor('the ready line', () => text().includes('Deskwire ready: '));
  const parent = parentOf(servers(data)[0]!);
  const [, shell] = processTree(terminal.pid!);
  terminal.kill('SIGKILL');
  await once(terminal, 'exit');
  // The shell and npm, which the closed terminal ends. By setsid, the server has left them before.
  await waitFor('the end of the shell', () => !isRunning() || (statFields(shell!)?.[0] ?? 'Z') === 'Z');
  const hasLeft = command.startsWith('setsid');
  await waitFor(
    'the end of what has started the server',
    () => !isRunning() || hasLeft || parentOf(servers(data)[0]!) !== parent,
  );
  return { isRunning, log: text };
}

/** The field of proc_pid_stat(5) behind the state. */
const parentOf = (pid: number): string | undefined => statFields(pid)?.[1];

/** Whether the server of a log answers that it works: one that is about to end does not. */
const answers = async (log: string): Promise<boolean> => (await statusOf(log, '/healthz')) === 200;

/** The status with which the server of a log answers; undefined if it does not. */
function statusOf(log: string, path: string, auth?: string): Promise<number | undefined> {
  const url = /^Deskwire ready: (\S+)/m.exec(log)![1]!;
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  get(new URL(path, url), { rejectUnauthorized: false, agent: false, auth }, (answer) => {
    answer.resume();
    resolve(answer.statusCode);
  }).on('error', () => resolve(undefined));
  return promise;
}

/** The processes of a server with this data folder, apart from the shell whose command line has it too. */
const servers = (data: string): number[] =>
  processesWith('cmdline', `\0--data\0${data}`).filter((pid) => pid !== process.pid);

for (const command of [`${NODE} bin/deskwire.mjs serve`, 'bin/deskwire.mjs', 'npm start --']) {
  test(`a server started by "nohup ${command}" outlives its terminal`, async (t) => {
    const { isRunning, log } = await startInTerminal(t, `nohup ${command}`);
    // npm, which is a process of its own, is ended by the signal.
    if (!command.startsWith('npm'))
      await waitFor('the signal', () => log().includes('The terminal has closed'));
    assert.ok(isRunning() && (await answers(log())), log());
  });
}

for (const [command, ending] of [
  ['setsid bin/deskwire.mjs serve', '&'],
  ['bin/deskwire.mjs serve', '& disown'],
] as const) {
  test(`a server started by "${command} … ${ending}", whose log goes to the terminal, outlives it and what it logs`, async (t) => {
    const { isRunning, log } = await startInTerminal(t, command, (file) => `>${file}`, ending);
    // A refusal is a line of the log, at least for the first of its address.
    for (let i = 0; i < 4; i++) assert.equal(await statusOf(log(), '/', 'nobody:wrong'), 401);
    assert.equal(await statusOf(log(), '/healthz'), 200);
    assert.ok(isRunning(), log());
  });
}

test('a server started without nohup ends with its terminal', async (t) => {
  const { isRunning } = await startInTerminal(t, 'bin/deskwire.mjs');
  await waitFor('the end of the server', () => !isRunning());
});

test('SIGHUP ends a server that was started without nohup, and not one that a shell has told to ignore it', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'deskwire-hangup-'));
  t.after(() => rmSync(data, { recursive: true, force: true }));
  const flags = ['--port', '0', '--size', '320x200', '--run', 'true', '--data', data];
  await using plain = new DeskwireProcess(NODE, ['bin/deskwire.mjs', ...flags], { cwd: ROOT });
  await plain.ready();
  plain.signal('SIGHUP');
  assert.equal(await plain.ended, 0);

  const line = 'trap "" HUP; exec bin/deskwire.mjs "$@"';
  await using deaf = new DeskwireProcess('sh', ['-c', line, 'sh', ...flags], { cwd: ROOT });
  await deaf.ready();
  deaf.signal('SIGHUP');
  await waitFor('the signal', () => deaf.stderr.includes('The terminal has closed'));
  deaf.signal('SIGTERM');
  assert.equal(await deaf.ended, 0);
});
