import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { type DesktopUser, findDesktopUser, OUR_USER } from '../../src/desktop/x11/server/desktop-user.ts';
import { OwnHost } from '../../src/desktop/x11/server/display-host.ts';
import { readXwdHeader } from '../../src/desktop/x11/wire/xwd-header.ts';
import { HttpsClient } from '../support/https-client.ts';
import { desktopProcesses, readProc } from '../support/process-tree.ts';
import { startDeskwire } from '../support/start-deskwire.ts';
import { xServerPid } from '../support/x-server-pid.ts';
import { log, until } from './support.ts';

const SIZE = { width: 64, height: 64 };

const isRoot = process.getuid?.() === 0;
const skip = !isRoot && 'only root can run the desktop as another user';

/** The user id of a process, as the kernel sees it. */
const userOf = (pid: number): number => statSync(`/proc/${pid}`).uid;

/** A folder with the mode. */
function folderWith(mode: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-user-'));
  chmodSync(folder, mode);
  after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/**
 * A program that tries to read what belongs to the server, and writes down what it could read. It is given the folder
 * for its report, the id of the server and a file of the server.
 */
const THIEF = `
cd "$1"
try() { cat "$1" >/dev/null 2>&1 && echo "$1" >>readable; }
try "$3"
for file in environ mem maps io auxv; do try "/proc/$2/$file"; done
ls "/proc/$2/fd" >/dev/null 2>&1 && echo fd >>readable
dir=$(dirname "$XAUTHORITY")
ls "$dir" >/dev/null 2>&1 && echo "the listing of $dir" >>readable
for file in "$dir"/xvfb.pid "$dir"/pixels-1/Xvfb_screen0; do try "$file"; done
for fd in /proc/$(pgrep -f "fbdir $dir/pixels" | head -n 1)/fd/*; do
  case $(readlink "$fd") in *Xvfb_screen0*) try "$fd" ;; esac
done
touch "$dir"/new 2>/dev/null && echo "a new file in $dir" >>readable
try "$XAUTHORITY"
env >env
xwininfo -root >/dev/null 2>&1 && echo yes >shown
mv env done
exec sleep 1000
`;

/** A user who exists everywhere, with the rights of the one that servers make. */
const oursLikeNobody = async (): Promise<DesktopUser> => ({
  ...(await findDesktopUser('nobody'))!,
  isOurs: true,
});

test('the desktop user can read its cookie, but nothing of the server', { skip }, async () => {
  const user = await oursLikeNobody();
  const report = folderWith(0o777);
  const data = folderWith(0o755);
  writeFileSync(join(data, 'users.json'), '{}', { mode: 0o600 });
  writeFileSync(join(report, 'thief.sh'), THIEF);
  process.env.ROOTS_SECRET = 'open sesame';
  // The parent of the shell is the server.
  const run = `exec sh ${report}/thief.sh ${report} $PPID ${data}/users.json`;
  const host = new OwnHost({ maxSize: SIZE, size: () => SIZE, run, user, log });
  try {
    const { framebuffer } = await host.open();
    await until(() => existsSync(join(report, 'done')), 'the report', 60_000);
    const environment = readFileSync(join(report, 'done'), 'utf8');
    const authority = /^XAUTHORITY=(.*)$/m.exec(environment)![1]!;
    assert.equal(readFileSync(join(report, 'readable'), 'utf8'), `${authority}\n`);
    assert.equal(readFileSync(join(report, 'shown'), 'utf8'), 'yes\n', 'its cookie opens the display');
    assert.match(environment, /^USER=nobody$/m);
    assert.doesNotMatch(environment, /open sesame/);

    const processes = desktopProcesses(dirname(authority));
    assert.ok(processes.length >= 2, 'the X server and the program');
    assert.deepEqual([...new Set(processes.map(userOf))], [user.uid]);
    for (const pid of processes)
      assert.match(readProc(pid, 'status')!, /^Groups:\s*$[\s\S]*^NoNewPrivs:\s*1$/m);

    // The server itself can still open the framebuffer, which is its own now.
    const { uid, mode } = statSync(framebuffer!);
    assert.deepEqual([uid, mode & 0o777], [0, 0o600]);
    const fd = openSync(framebuffer!, 'r');
    assert.equal(readXwdHeader(fd).height, SIZE.height);
    closeSync(fd);
  } finally {
    delete process.env.ROOTS_SECRET;
    await host.close();
  }
});

/**
 * A program that takes each descriptor of the X server, whose id it is given, and tries to shorten the file behind it:
 * pidfd_open(2), pidfd_getfd(2), ftruncate(2), whose number it is given. It may do so as the same user where the system lets programs trace each other.
 */
const CUT_SHORT = `
my $process = syscall(434, $ARGV[0] + 0, 0);
for my $number (3 .. 20) {
  my $fd = syscall(438, $process, $number, 0);
  syscall($ARGV[1] + 0, $fd, 0) if $fd >= 0;
}
`;

/** Number of the system call ftruncate(2). Those of the others are the same everywhere. */
const FTRUNCATE = process.arch === 'x64' ? '77' : '46';

test('a program that traces the X server cannot shorten the framebuffer that the server has mapped', {
  skip,
}, async () => {
  const user = (await findDesktopUser('nobody'))!;
  const host = new OwnHost({ maxSize: SIZE, size: () => SIZE, run: 'exec sleep 1000', user, log });
  try {
    const { framebuffer } = await host.open();
    const { size } = statSync(framebuffer!);
    assert.ok(size > SIZE.width * SIZE.height * 4);
    const [uid, gid] = [user.uid, user.gid];
    const pid = String(xServerPid(process.pid));
    assert.equal(spawnSync('perl', ['-e', CUT_SHORT, pid, FTRUNCATE], { uid, gid, cwd: '/' }).status, 0);
    assert.equal(statSync(framebuffer!).size, size);
  } finally {
    await host.close();
  }
});

test('an X server of another user is restarted with another framebuffer', { skip }, async () => {
  const user = await findDesktopUser('nobody');
  const host = new OwnHost({ maxSize: SIZE, size: () => SIZE, run: 'exec sleep 1000', user, log });
  try {
    const before = statSync((await host.open()).framebuffer!);
    process.kill(xServerPid(process.pid)!, 'SIGKILL');
    // Until its end is noticed, the X server is waited for.
    const { framebuffer } = await until(() => host.open().catch(() => undefined), 'another X server', 60_000);
    const { ino, uid } = statSync(framebuffer!);
    assert.notEqual(ino, before.ino);
    assert.equal(uid, 0);
  } finally {
    await host.close();
  }
});

test('a desktop user who does not exist is refused, and root is the server itself', { skip }, async () => {
  await assert.rejects(findDesktopUser('no-such-user'), { code: 'DESKTOP_NO_USER' });
  assert.equal(await findDesktopUser('root'), undefined);
  assert.equal((await findDesktopUser('nobody'))?.isOurs, false);
});

/** In the home of a user whom tests have made, so that the last of them removes that user. */
const MADE_BY_TESTS = `/var/lib/${OUR_USER}/.made-by-tests`;

/** Whether the user that servers make is not there yet, or was made by tests. */
async function isOursToRemove(): Promise<boolean> {
  const user = await findDesktopUser(OUR_USER).catch(() => undefined);
  return user === undefined || existsSync(MADE_BY_TESTS);
}

test('a server started by root makes a user of its own for its desktop', { skip }, async () => {
  const removes = await isOursToRemove();
  // An empty variable counts as not set.
  const environment = { DESKWIRE_DESKTOP_USER: '' };
  const flags = ['--size', '320x200', '--run', 'exec sleep 1000'];
  const server = await startDeskwire({ environment, flags });
  const api = new HttpsClient(server.url, server.ca, server.owner);
  try {
    if (removes) writeFileSync(MADE_BY_TESTS, '');
    const xServer = xServerPid(server.pid)!;
    assert.notEqual(userOf(xServer), 0);
    assert.match(readProc(xServer, 'environ')!, new RegExp(`(^|\0)USER=${OUR_USER}\0`));
    assert.equal(userOf(server.pid), 0);
    assert.equal((await api.get('/api/get_screenshot')).status, 200);
    assert.doesNotMatch(readFileSync(`/proc/${server.pid}/environ`, 'latin1'), /DESKWIRE_OWNER_PASSWORD=/);
  } finally {
    api.close();
    await server.stop();
    // Fails while another test's server runs as that user: then that test removes it.
    if (removes || existsSync(MADE_BY_TESTS)) spawnSync('userdel', ['--remove', OUR_USER]);
  }
});
