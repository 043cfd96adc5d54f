import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DeskwireProcess } from '../support/deskwire-process.ts';
import { withSlack } from '../support/limits.ts';
import { processTree, readProc } from '../support/process-tree.ts';
import { waitFor } from '../support/wait-for.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'deploy/systemd');
const UNIT = readFileSync(join(FOLDER, 'deskwire.service'), 'utf8');

/** Exposure that `systemd-analyze security` may find, in tenths: 0 is none, 100 is all. A lower one is better. */
const MOST_EXPOSURE = 35;

/** Promised time in which nothing outlives the server, in milliseconds. */
const GONE_MS = 2000;

function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-systemd-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function run(command: string, ...args: string[]): { readonly status: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return { status, text: `${stdout}${stderr}` };
}

/** The unit with a program that exists on this machine in place of the installed one. */
function unitIn(folder: string): string {
  const path = join(folder, 'deskwire.service');
  writeFileSync(path, UNIT.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`));
  return path;
}

test('systemd finds no fault in the unit', (t) => {
  const { status, text } = run('systemd-analyze', 'verify', '--man=no', unitIn(makeFolder(t)));
  assert.equal(status, 0, text);
  assert.doesNotMatch(text, /deskwire/);
});

test('the unit leaves the service little that it could harm', (t) => {
  const flags = ['--offline=true', '--no-pager', `--threshold=${MOST_EXPOSURE}`];
  const { status, text } = run('systemd-analyze', 'security', ...flags, unitIn(makeFolder(t)));
  assert.equal(status, 0, text);
  assert.match(text, /Overall exposure level for deskwire\.service/);
});

test("systemd makes the desktop's user and its home folder from the files beside the unit", {
  skip: needsRoot(),
}, (t) => {
  const root = makeFolder(t);
  mkdirSync(join(root, 'etc'));
  const users = run('systemd-sysusers', `--root=${root}`, join(FOLDER, 'deskwire.sysusers.conf'));
  assert.equal(users.status, 0, users.text);
  const line = /^deskwire-desktop:.*$/m.exec(readFileSync(join(root, 'etc/passwd'), 'utf8'))?.[0];
  assert.match(line ?? '', /^deskwire-desktop:x:\d+:\d+:[^:]+:\/var\/lib\/deskwire-desktop:\/bin\/bash$/);
  const folders = run(
    'systemd-tmpfiles',
    '--create',
    `--root=${root}`,
    join(FOLDER, 'deskwire.tmpfiles.conf'),
  );
  assert.equal(folders.status, 0, folders.text);
  const socketFolder = join(root, 'run/deskwire');
  mkdirSync(join(root, 'run'), { recursive: true });
  writeFileSync(join(root, 'etc/group'), `www-data:x:${PROXY_GROUP}:\n`, { flag: 'a' });
  const forSocket = run(
    'systemd-tmpfiles',
    '--create',
    `--root=${root}`,
    join(FOLDER, 'deskwire-socket.tmpfiles.conf'),
  );
  assert.equal(forSocket.status, 0, forSocket.text);
  assert.equal(run('stat', '-c', '%a %g', socketFolder).text.trim(), `2750 ${PROXY_GROUP}`);
  const [, uid] = run('stat', '-c', '%a %u', join(root, 'var/lib/deskwire-desktop')).text.trim().split(' ');
  assert.equal(uid, line!.split(':')[2]);
});

function needsRoot(): string | false {
  const { status } = spawnSync('unshare', ['--mount', 'true']);
  return status === 0 ? false : 'only root can do this';
}

/** Where the sandbox has the checkout, which may be in a folder that the sandbox hides. */
const IN_SANDBOX = '/mnt/deskwire';
const inSandbox = (path: string): string =>
  path.startsWith(`${ROOT}/`) ? join(IN_SANDBOX, path.slice(ROOT.length)) : path;

/** Id of a group that every system has, in place of nginx's. */
const PROXY_GROUP = 65534;

/** Runs its arguments with what the unit leaves: its capabilities, and the folders that may be written. */
const SANDBOX = `
set -e
mount -t tmpfs -o mode=755 tmpfs /mnt
mkdir /mnt/deskwire /mnt/etc
mount --bind "$CHECKOUT" /mnt/deskwire
mount -t tmpfs -o mode=755 tmpfs /var/lib
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs -o mode=755 tmpfs /run
install -d -g ${PROXY_GROUP} -m 2750 /run/deskwire
mkdir -m 700 /var/lib/deskwire /var/lib/deskwire-desktop
for name in passwd group; do
  grep -v '^deskwire-desktop:' /etc/$name >/mnt/etc/$name
  case $name in
    passwd) echo 'deskwire-desktop:x:64999:64999::/var/lib/deskwire-desktop:/bin/sh' >>/mnt/etc/passwd ;;
    group) echo 'deskwire-desktop:x:64999:' >>/mnt/etc/group ;;
  esac
  mount --bind /mnt/etc/$name /etc/$name
done
chown 64999:64999 /var/lib/deskwire-desktop
mount -o remount,bind,ro /
cd /
exec setpriv --bounding-set="$CAPABILITIES" --inh-caps=-all --no-new-privs env -u DESKWIRE_DESKTOP_USER "$@"
`;

test('the server and its desktop run with the capabilities and the folders of the unit', {
  skip: needsRoot(),
}, async (t) => {
  const names = /^CapabilityBoundingSet=(.*)$/m.exec(UNIT)![1]!.split(' ');
  const capabilities = ['-all', ...names.map((name) => `+${name.replace('CAP_', '').toLowerCase()}`)].join(
    ',',
  );
  const args = [
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-c',
    SANDBOX,
    'sh',
    inSandbox(process.execPath),
  ];
  const flags = [
    'serve',
    '--port',
    '0',
    '--size',
    '320x200',
    '--data',
    '/var/lib/deskwire',
    '--listen',
    '127.0.0.1,unix:/run/deskwire/desk.sock',
    '--run',
    'exec sleep 600',
  ];
  const env = { CHECKOUT: ROOT, CAPABILITIES: capabilities, HOME: makeFolder(t) };
  await using server = new DeskwireProcess(
    'unshare',
    [...args, join(IN_SANDBOX, 'bin/deskwire.mjs'), ...flags],
    {
      env,
    },
  );
  await server.ready();
  const owners = (name: string): (string | undefined)[] =>
    processTree(server.child.pid!)
      .filter((pid) => readProc(pid, 'comm')?.trim() === name)
      .map((pid) => /^Uid:\t(\d+)/m.exec(readProc(pid, 'status') ?? '')?.[1]);
  assert.deepEqual(owners('Xvfb'), ['64999']);
  const socket = statSync(`/proc/${server.child.pid}/root/run/deskwire/desk.sock`);
  assert.deepEqual([socket.gid, socket.mode & 0o777], [PROXY_GROUP, 0o660]);
  const programs = processTree(server.child.pid!).filter((pid) => readProc(pid, 'comm')?.trim() === 'sleep');
  assert.ok(programs.length > 0);
  server.signal('SIGTERM');
  assert.equal(await server.ended, 0);
  // The kernel may end a killed program a moment after the server.
  for (const pid of programs)
    await waitFor(
      'the end of the programs',
      () => readProc(pid, 'comm')?.trim() !== 'sleep',
      withSlack(GONE_MS),
    );
});
