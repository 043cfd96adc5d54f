import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { makeRuntimeDir } from '../../src/desktop/x11/server/runtime-dir.ts';
import { Xvfb } from '../../src/desktop/x11/server/xvfb.ts';
import { XConnection } from '../../src/desktop/x11/wire/connection.ts';
import { attachDesktop, startOwnDesktop } from '../../src/desktop/x11/x11-desktop.ts';
import { NO_CONTENT } from '../../src/protocol/clipboard-content.ts';
import { desktopGone } from '../support/desktop-end.ts';
import { startForeignXServer } from '../support/foreign-x-server.ts';
import { desktopProcesses, processesWith, readProc } from '../support/process-tree.ts';
import { displayOf, isServed } from '../support/x-socket.ts';
import {
  bareDesktop,
  captureAll,
  connectTo,
  log,
  scratch,
  shown,
  until,
  withoutX,
  x,
  xwd,
} from './support.ts';

/** Whether a process runs. A zombie does not. */
function alive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat[stat.lastIndexOf(')') + 2] !== 'Z';
  } catch {
    return false;
  }
}

/** Returns the id of the Xvfb whose command line has the folder. */
function serverPid(dir: string): number {
  const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  const line = lines.find((candidate) => candidate.includes('Xvfb') && candidate.includes(dir));
  return Number(line?.trim().split(' ')[0]);
}

const orphans = (): string[] => readdirSync('/dev/shm').filter((name) => name.includes(`-${process.pid}-`));

test('a killed X server comes back with its size, its programs and the right pixels', async () => {
  const { desktop, env } = await bareDesktop({ run: 'while sleep 0.05; do :; done' });
  try {
    await desktop.resize({ width: 700, height: 500 });
    await captureAll(desktop);
    const dir = dirname(env.XAUTHORITY!);
    const lost = once(desktop, 'lost');
    const back = once(desktop, 'back');
    const damaged = back.then(() => once(desktop, 'damage'));
    process.kill(serverPid(dir), 'SIGKILL');
    const [error] = await lost;
    assert.equal(error.code, 'DESKTOP_LOST');
    await assert.rejects(desktop.capture(), { code: 'DESKTOP_LOST' });
    await assert.rejects(desktop.resize({ width: 1, height: 1 }), { code: 'DESKTOP_LOST' });
    desktop.openInput().key(0x61, true, 0);
    await desktop.commit();
    await damaged;
    env.DISPLAY = desktop.display;
    const painter = await connectTo(env);
    const gc = painter.client.AllocID();
    painter.client.CreateGC(gc, painter.root, { foreground: 0xc0ffee });
    painter.client.PolyFillRectangle(painter.root, gc, [10, 10, 300, 200]);
    await painter.sync();
    const first = await desktop.capture();
    await desktop.commit();
    assert.equal(first.changed.areaPx, 700 * 500);
    await captureAll(desktop);
    const real = await xwd(env);
    assert.deepEqual({ width: real.width, height: real.height }, { width: 700, height: 500 });
    assert.ok(shown(desktop).equals(withoutX(real.pixels)));
    await painter.close();
  } finally {
    await desktop.close();
  }
});

test('a killed X server gets its display number again, unless another server has taken it', async () => {
  const xvfb = await Xvfb.start({ maxSize: { width: 64, height: 64 } });
  try {
    const first = xvfb.display;
    process.kill(xvfb.pid!, 'SIGKILL');
    // A process that is not waited for still counts as the owner of its display number.
    await until(() => !xvfb.isRunning, 'its end');
    // Another test's server may take the number first, which is just as well if it keeps the number until the restart.
    const other = await until(
      () => startForeignXServer({ width: 64, height: 64 }, first).catch(() => isServed(first)),
      'another server with its number',
    );
    try {
      await xvfb.run();
      if (other !== true || isServed(first)) assert.notEqual(xvfb.display, first);
    } finally {
      if (other !== true) await other.end();
    }
    assert.equal(displayOf(xvfb.pid!), xvfb.display);

    const second = xvfb.display;
    process.kill(xvfb.pid!, 'SIGKILL');
    await xvfb.run();
    if (xvfb.display !== second) assert.ok(isServed(second), 'it leaves only what is taken');
    assert.equal(displayOf(xvfb.pid!), xvfb.display);
  } finally {
    await xvfb.close();
  }
});

/** Returns what is active in this process now and was not among `before`. */
function activeBeyond(before: readonly string[]): string[] {
  const rest = [...before];
  return process.getActiveResourcesInfo().filter((name) => {
    const at = rest.indexOf(name);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

test('a closed desktop leaves no process, file, thread, socket or timer', async () => {
  // Of what an earlier test did, something may still be ending.
  const before = process.getActiveResourcesInfo();
  const { desktop, env } = await bareDesktop({
    run: [
      `sleep 1000.${process.pid} &`,
      `(trap "" TERM; sleep 1001.${process.pid}) &`,
      // In a session of its own, as the programs that a shell in a terminal starts.
      `setsid sh -c 'trap "" TERM HUP; sleep 1003.${process.pid}' &`,
      `exec sleep 1002.${process.pid}`,
    ].join(' '),
  });
  const runtime = dirname(env.XAUTHORITY!);
  const server = serverPid(runtime);
  await desktop.capture();
  const programs = await until(() => {
    const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => /sleep 100[0-3]\.\d+'?$/.test(line) && line.includes(`.${process.pid}`));
    // The others are shells.
    const sleeping = lines.filter((line) => /^\d+ sleep /.test(line));
    return sleeping.length === 4 && lines.map((line) => Number(line.split(' ')[0]));
  }, 'the four programs');
  const pending = desktop.commit().catch(() => undefined);
  await Promise.all([desktop.close(), desktop.close()]);
  await pending;
  assert.equal(alive(server), false);
  // A busy machine may need longer to end a program that it has killed than the desktop waits for that.
  for (const pid of programs) await until(() => !alive(pid), `the end of program ${pid}`);
  assert.equal(existsSync(runtime), false);
  assert.deepEqual(orphans(), []);
  await assert.rejects(desktop.capture(), { code: 'DESKTOP_CLOSED' });
  await assert.rejects(desktop.setClipboard(NO_CONTENT), { code: 'DESKTOP_CLOSED' });
  await until(() => activeBeyond(before).length === 0, 'the end of what is active').catch(() => undefined);
  assert.deepEqual(activeBeyond(before), []);
});

test('a capture that is armed when the X server ends is rejected', async () => {
  const { desktop, env } = await bareDesktop();
  await captureAll(desktop);
  const armed = desktop.armCapture({ notBeforeMs: 0 });
  assert.ok(armed);
  const back = once(desktop, 'back');
  process.kill(serverPid(dirname(env.XAUTHORITY!)), 'SIGKILL');
  await assert.rejects(armed.captured, { code: 'DESKTOP_LOST' });
  assert.equal(desktop.armCapture({ notBeforeMs: 0 }), undefined);
  await back;
  await captureAll(desktop);
  await desktop.close();
});

test('a desktop that is closed while its X server is being restarted ends', async () => {
  const { desktop, env } = await bareDesktop();
  const lost = once(desktop, 'lost');
  const runtime = dirname(env.XAUTHORITY!);
  process.kill(serverPid(runtime), 'SIGKILL');
  await lost;
  await desktop.close();
  assert.equal(existsSync(runtime), false);
  assert.ok(!serverPid(runtime));
});

test('an X server that ends again and again is given up, and started again when a client asks', async () => {
  const { desktop, env } = await bareDesktop();
  const runtime = dirname(env.XAUTHORITY!);
  const codes: string[] = [];
  const kill = (): void => void process.kill(serverPid(runtime), 'SIGKILL');
  desktop.on('lost', (error) => codes.push((error as Error & { code: string }).code));
  desktop.on('back', kill);
  assert.equal(desktop.revive(), true);
  kill();
  await until(() => codes.includes('DESKTOP_GAVE_UP'), 'giving up', 40_000);
  await assert.rejects(desktop.capture(), { code: 'DESKTOP_LOST' });
  assert.equal(desktop.revive(), false, 'not at once');
  // It ends again: after the one attempt it is given up again.
  codes.length = 0;
  await until(() => desktop.revive(), 'another attempt');
  await until(() => codes.includes('DESKTOP_GAVE_UP'), 'giving up again', 40_000);
  assert.deepEqual(codes, ['DESKTOP_LOST', 'DESKTOP_GAVE_UP']);
  desktop.off('back', kill);
  const back = once(desktop, 'back');
  await until(() => desktop.revive(), 'another attempt');
  await back;
  await captureAll(desktop);
  await desktop.close();
  assert.equal(desktop.revive(), false);
});

test('an attached display is shown through shared memory, also after a resize, and its end is noticed', async () => {
  const { display, end } = await startForeignXServer({ width: 800, height: 600 });
  const env = { ...process.env, DISPLAY: display };
  const desktop = await attachDesktop({ display, maxSize: { width: 640, height: 480 }, log });
  try {
    assert.deepEqual(desktop.maxSize, { width: 800, height: 600 });
    assert.deepEqual(desktop.size, { width: 800, height: 600 });
    await x(env, 'xsetroot', '-solid', '#123456').catch(() => undefined);
    const painter = await connectTo({ ...env, XAUTHORITY: undefined });
    const gc = painter.client.AllocID();
    painter.client.CreateGC(gc, painter.root, { foreground: 0 });
    for (let round = 0; round < 30; round++) {
      for (let i = 0; i < 10; i++) {
        painter.client.ChangeGC(gc, { foreground: Math.floor(Math.random() * 0x1000000) });
        const at = [Math.random() * 800, Math.random() * 600, Math.random() * 200, Math.random() * 100];
        painter.client.PolyFillRectangle(painter.root, gc, at.map(Math.floor));
      }
      await desktop.capture({ commitAtOnce: true });
    }
    await painter.sync();
    await captureAll(desktop);
    assert.ok(shown(desktop).equals(withoutX((await xwd(env)).pixels)));

    assert.deepEqual(await desktop.resize({ width: 400, height: 300 }), { width: 400, height: 300 });
    await captureAll(desktop);
    assert.deepEqual(desktop.size, { width: 400, height: 300 });
    await painter.close();

    const lost = once(desktop, 'lost');
    await end();
    await lost;
  } finally {
    await end();
    await desktop.close();
  }
});

test('a display that does not exist is refused', async () => {
  const attaching = attachDesktop({ display: ':59999', maxSize: { width: 64, height: 64 }, log });
  await assert.rejects(attaching, { code: 'DESKTOP_NO_DISPLAY' });
});

test('the server gives up a display whose X server does not answer within the limit', async () => {
  const { display, child, end } = await startForeignXServer({ width: 64, height: 64 });
  try {
    child.kill('SIGSTOP');
    await assert.rejects(XConnection.open({ display, limitMs: 50 }), { code: 'DESKTOP_NO_DISPLAY' });
  } finally {
    await end();
  }
});

test('the error on a machine without Xvfb says how to install it', async () => {
  const { PATH } = process.env;
  process.env.PATH = '/nonexistent';
  try {
    const size = { width: 64, height: 64 };
    await assert.rejects(startOwnDesktop({ size, maxSize: size, log }), (error: Error & { code: string }) => {
      assert.equal(error.code, 'DESKTOP_NO_XVFB');
      assert.match(error.message, /apt-get install/);
      return true;
    });
  } finally {
    process.env.PATH = PATH;
  }
  assert.deepEqual(orphans(), []);
});

test('a program that cannot be started is logged, and the desktop runs without it', async () => {
  const { PATH } = process.env;
  const said: string[] = [];
  const noisy = pino({ level: 'error' }, { write: (line: string) => void said.push(line) });
  const tools = scratch();
  symlinkSync(execFileSync('which', ['Xvfb'], { encoding: 'utf8' }).trim(), join(tools, 'Xvfb'));
  // Xvfb finds the keyboard compiler without PATH.
  process.env.PATH = tools;
  const size = { width: 64, height: 64 };
  const desktop = await startOwnDesktop({ size, maxSize: size, log: noisy }).finally(() => {
    process.env.PATH = PATH;
  });
  for (const part of ['window manager', 'terminal']) {
    await until(() => said.join('').includes(`${part} could not be started`), `the line on the ${part}`);
  }
  assert.equal((await desktop.capture()).changed.areaPx, 64 * 64);
  await desktop.close();
});

test('a framebuffer for which there is no memory, and an impossible size, are refused', async () => {
  await assert.rejects(makeRuntimeDir(1e15), { code: 'DESKTOP_NO_SPACE' });
  const huge = { width: 32_000, height: 30_000 };
  await assert.rejects(startOwnDesktop({ size: huge, maxSize: huge, log }), { code: 'DESKTOP_TOO_LARGE' });
  assert.deepEqual(orphans(), []);
});

interface LoneDesktop {
  /** Its runtime folder. */
  readonly dir: string;
  kill(): Promise<void>;
}

/** Starts a desktop in a process of its own, with the program `run`. */
async function loneDesktop(run: string): Promise<LoneDesktop> {
  const program = `
    import { startOwnDesktop } from '${new URL('../../src/desktop/x11/x11-desktop.ts', import.meta.url)}';
    const size = { width: 64, height: 64 };
    await startOwnDesktop({ size, maxSize: size, run: process.argv[2], log: undefined });
    console.log('started');`;
  const file = join(scratch(), 'lone.mts');
  writeFileSync(file, program);
  const child = spawn(process.execPath, [file, run], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const name = readdirSync('/dev/shm').find((candidate) => candidate.includes(`-${child.pid}-`));
  assert.ok(name);
  const kill = async (): Promise<void> => {
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  };
  return { dir: join('/dev/shm', name), kill };
}

/** The id of the process that ends a desktop after its server. */
const keeperPid = (dir: string): number =>
  processesWith('cmdline', 'deskwire-keeper').find((pid) => readProc(pid, 'cmdline')?.includes(dir))!;

test('after SIGKILL of the server, its X server and its programs end', async () => {
  const { dir, kill } = await loneDesktop('sleep 1000 & exec sleep 1000');
  const programs = await until(() => {
    const found = desktopProcesses(dir);
    return found.filter((pid) => readProc(pid, 'cmdline')?.startsWith('sleep')).length === 2 && found;
  }, 'the programs');
  assert.ok(programs.includes(serverPid(dir)));
  await kill();
  await desktopGone(dir);
});

test('the next start removes what a killed server left', async () => {
  const { dir, kill } = await loneDesktop('exec sleep 1000');
  const left = basename(dir);
  const server = serverPid(left);
  assert.ok(alive(server));
  process.kill(keeperPid(dir), 'SIGKILL');
  await kill();
  // The next start may be one of another test, which runs at the same time.
  const { desktop } = await bareDesktop();
  await desktop.close();
  await until(() => !existsSync(`/dev/shm/${left}`), 'the end of the folder');
  await until(() => !alive(server), 'the end of the orphaned X server');
});
