import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { withSlack } from '../../test/support/limits.ts';
import { waitFor } from '../../test/support/wait-for.ts';

const SERVE = JSON.stringify(new URL('./serve.ts', import.meta.url).href);

/** Runs `serve` in a separate process, with a server whose start and end are given as code. */
function serveWith(t: TestContext, code: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const source = `
    import { serve } from ${SERVE};
    import { spawn } from 'node:child_process';
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const server = {
      url: 'https://127.0.0.1:8443/', rfbPlaces: [], urls: ['https://127.0.0.1:8443/'], display: ':1', size: { width: 1680, height: 971 }, newOwner: undefined,
      close: async () => { console.error('closed'); },
    };
    setInterval(() => {}, 1000); // Something runs, as a server does.
    await serve(process.argv.slice(1), async () => async (config, secrets, log) => { ${code} });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source, '--', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    output.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.stderr += chunk;
  });
  const until = async (pattern: RegExp) => {
    while (!pattern.test(output.stdout + output.stderr)) {
      assert.equal(child.exitCode ?? child.signalCode, null, `it ended early: ${output.stderr}`);
      await sleep(10);
    }
  };
  const end = once(child, 'close').then(([status, signal]) => ({ status: status ?? signal, ...output }));
  return { child, until, end };
}

/** Whether a process runs. A zombie that its new parent has not waited for yet does not. */
function isRunning(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'));
}

const READY = 'Deskwire ready: https://127.0.0.1:8443/ (desktop :1, 1680x971)\n';

test('serve ends its output with the ready line, and exits with 0 after SIGTERM', async (t) => {
  const { child, until, end } = serveWith(t, 'return server;');
  await until(/ready/);
  child.kill('SIGTERM');
  assert.deepEqual(await end, { status: 0, stdout: READY, stderr: 'closed\n' });
});

test('serve shows the first owner with a generated password', async (t) => {
  const { child, until, end } = serveWith(
    t,
    `return { ...server, newOwner: { name: 'fred', password: 'pw' } };`,
  );
  await until(/ready/);
  child.kill('SIGINT');
  child.kill('SIGINT');
  const { status, stdout } = await end;
  assert.equal(stdout, `Owner: fred  Password: pw (shown once)\n${READY}`);
  assert.equal(status, 0);
});

test('serve does not show a given password, and removes it from the environment of its programs', async (t) => {
  const code = `console.error('env', process.env.DESKWIRE_OWNER_PASSWORD, 'given', secrets.ownerPassword);
    return { ...server, newOwner: { name: config.owner, password: undefined } };`;
  const { child, until, end } = serveWith(t, code, ['--owner', 'fred'], {
    DESKWIRE_OWNER_PASSWORD: 'sekret',
  });
  await until(/ready/);
  child.kill('SIGTERM');
  const { stdout, stderr } = await end;
  assert.equal(stdout, `Owner: fred  Password: as given\n${READY}`);
  assert.match(stderr, /^env undefined given sekret\n/);
});

test('a signal during the start ends the server without a ready line', async (t) => {
  const { child, until, end } = serveWith(
    t,
    `
    const signalled = new Promise((resolve) => process.once('SIGINT', resolve));
    console.error('starting');
    await signalled;
    return server;`,
  );
  await until(/starting/);
  child.kill('SIGINT');
  assert.deepEqual(await end, { status: 0, stdout: '', stderr: 'starting\nclosed\n' });
});

test('signals by which other servers reopen their files open no debugger and end nothing', async (t) => {
  const { child, until, end } = serveWith(t, 'return server;');
  await until(/ready/);
  for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) {
    child.kill(signal);
    await until(new RegExp(`${signal} means nothing`));
  }
  child.kill('SIGQUIT');
  const { status, stderr } = await end;
  assert.equal(status, 0);
  assert.match(stderr, /closed\n/);
  assert.doesNotMatch(stderr, /Debugger/);
});

test('programs that have not ended after 2 s are killed with all their children', async (t) => {
  const code = `const child = spawn('sh', ['-c', 'sleep 1000 & echo $!; wait'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.on('data', (pid) => console.error('grandchild', Number(pid), 'child', child.pid));
    return { ...server, close: () => new Promise(() => {}) };`;
  const { child, until, end } = serveWith(t, code);
  await until(/grandchild[\s\S]*ready|ready[\s\S]*grandchild/);
  const start = performance.now();
  child.kill('SIGTERM');
  const { status, stderr } = await end;
  assert.equal(status, 1);
  assert.ok(performance.now() - start < withSlack(2000));
  const pids = /grandchild (\d+) child (\d+)/.exec(stderr)?.slice(1).map(Number) ?? [];
  assert.equal(pids.length, 2);
  await waitFor('all children to end', () => !pids.some(isRunning));
});

test('a failed start is reported, and an uncaught error ends the server', async (t) => {
  const failing = serveWith(
    t,
    `throw Object.assign(new Error(':9 is not there'), { code: 'DESKTOP_NO_DISPLAY' });`,
  );
  const { status, stdout, stderr } = await failing.end;
  assert.deepEqual([status, stdout], [1, '']);
  assert.match(stderr, /^deskwire: :9 is not there \(DESKTOP_NO_DISPLAY\)\n {2}.*--display/);

  const crash = await serveWith(t, `setTimeout(() => { throw new Error('oops'); }, 50); return server;`).end;
  assert.equal(crash.status, 1);
  assert.match(crash.stderr, /oops[\s\S]*closed/);
});

test('serve keeps running when the reader of its standard output goes away', async (t) => {
  // The ready line is written to a closed pipe, and the error is emitted before the timer ends.
  const code = `
    const signalled = new Promise((resolve) => process.once('SIGUSR2', resolve));
    console.error('starting');
    await signalled;
    setTimeout(() => console.error('alive'), 100);
    return server;`;
  const { child, until, end } = serveWith(t, code);
  await until(/starting/);
  child.stdout.destroy();
  child.kill('SIGUSR2');
  await until(/alive/);
  child.kill('SIGTERM');
  assert.equal((await end).status, 0);
});
