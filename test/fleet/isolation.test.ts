import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { lookUpUser } from '../../src/desktop/x11/server/desktop-user.ts';
import { placesOf } from '../../src/fleet/host/desktop-places.ts';
import { isolationFault } from '../../src/fleet/host/isolation.ts';
import { DesktopShell, shellCommand } from '../support/desktop-shell.ts';
import { FleetProcess } from '../support/fleet-process.ts';
import { processesWith, readProc } from '../support/process-tree.ts';

/** A desktop, and what an attempt needs to know of it. All of it can be guessed or learnt. */
interface Target {
  readonly name: string;
  readonly shell: DesktopShell;
  readonly home: string;
  readonly display: string;
  readonly authority: string;
  /** A program of the desktop, and its server. */
  readonly programPid: number;
  readonly serverPid: number;
  /** Key of shared memory that all users may read. */
  readonly memoryKey: string;
}

interface Attempt {
  /** "a program can not …" */
  readonly what: string;
  /** Ends with 0 if it succeeds. */
  readonly script: (of: Target) => string;
}

const fleetFacts = { data: '', pid: 0 };
const ofFleet = (path: string): string => join(fleetFacts.data, path);
const inFolder = ({ name }: Target): string => ofFleet(`desktops/${name}`);

const mark = (name: string): string => `mark-of-${name}`;
const leftBy = (name: string): string => `left-by-${name}`;
/** Traces a process without stopping it: PTRACE_SEIZE of ptrace(2). */
const trace = (pid: number): string =>
  `/usr/bin/python3 -c 'import ctypes; raise SystemExit(ctypes.CDLL(None).ptrace(0x4206, ${pid}, 0, 0) != 0)'`;
const seesCommand = (pattern: string): string =>
  `cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -q '${pattern}'`;

/** Folders in which all users may write, on this machine. Those that are a desktop's own have the same paths. */
const SHARED_FOLDERS = spawnSync(
  'find',
  [
    ...['/', '/dev', '/run', '-xdev', '-type', 'd', '-perm', '-0002'],
    ...['-not', '-path', '/tmp/*', '-not', '-path', '/proc/*'],
  ],
  { encoding: 'utf8' },
)
  .stdout.trim()
  .split('\n');

/** Where the system lets processes trace only what they have started, no attempt succeeds. */
const mayTrace = ['0', ''].includes(readOr('/proc/sys/kernel/yama/ptrace_scope', ''));

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return otherwise;
  }
}

/** What a program may do with its own desktop, and with no other one. */
const OF_DESKTOPS: readonly Attempt[] = [
  { what: 'read a file of the home folder', script: ({ home }) => `cat ${home}/secret` },
  { what: 'list the home folder', script: ({ home }) => `ls ${home}` },
  { what: 'write into the home folder', script: ({ home }) => `: >${home}/written` },
  { what: 'open the X display', script: ({ display }) => `DISPLAY=${display} xwd -root -silent >/dev/null` },
  {
    what: 'open the X display with the cookie of that desktop',
    script: ({ display, authority }) =>
      `XAUTHORITY=${authority} DISPLAY=${display} xwd -root -silent >/dev/null`,
  },
  {
    what: 'read the clipboard',
    script: ({ display, authority, name }) =>
      `XAUTHORITY=${authority} DISPLAY=${display} timeout 10 xclip -o -selection clipboard | grep -q copied-in-${name}`,
  },
  { what: 'find the runtime folder', script: ({ authority }) => `stat ${dirname(authority)}` },
  { what: "read the X display's cookie", script: ({ authority }) => `cat ${authority}` },
  {
    what: 'see a program in the list of processes',
    script: ({ name }) => seesCommand(`[m]${mark(name).slice(1)}`),
  },
  { what: 'see that a process runs', script: ({ programPid }) => `test -d /proc/${programPid}` },
  {
    what: 'read the environment of a program',
    script: ({ programPid }) => `tr '\\0' '\\n' </proc/${programPid}/environ | grep -q XAUTHORITY`,
  },
  { what: 'see the open files of a program', script: ({ programPid }) => `ls /proc/${programPid}/fd` },
  { what: 'enter the folder of a program', script: ({ programPid }) => `ls /proc/${programPid}/cwd/` },
  { what: 'signal a program', script: ({ programPid }) => `kill -0 ${programPid}` },
  ...(mayTrace
    ? [{ what: 'trace a program', script: ({ programPid }: Target): string => trace(programPid) }]
    : []),
  {
    what: 'see what was left in a folder where all users may write',
    script: ({ name }) =>
      `for folder in ${SHARED_FOLDERS.join(' ')}; do [ -e $folder/${leftBy(name)} ] && exit 0; done; exit 1`,
  },
  { what: 'see shared memory', script: ({ memoryKey }) => `ipcs -m | grep -q ${memoryKey}` },
];

/** What only root may do: no program may, not with its own desktop either. */
const OF_ROOT: readonly Attempt[] = [
  { what: "read the fleet's store", script: () => `head -c 1 ${ofFleet('fleet.db')}` },
  { what: "list the fleet's folder", script: () => `ls ${ofFleet('')}` },
  { what: 'read the key of the certificate', script: () => `cat ${ofFleet('key.pem')}` },
  { what: 'read the key of the edge', script: (of) => `cat ${inFolder(of)}/edge.key` },
  { what: "read the users of the desktop's server", script: (of) => `ls ${inFolder(of)}/data` },
  { what: "read the log of the desktop's server", script: (of) => `cat ${inFolder(of)}/log.jsonl` },
  {
    what: 'write where another desktop has its /tmp',
    script: (of) => `: >${inFolder(of)}/temporary/tmp/written`,
  },
  {
    what: "call the desktop's server by its socket",
    script: ({ name }) =>
      `curl -s --max-time 10 --unix-socket ${placesOf(name, fleetFacts.data).socket} http://desktop/readyz`,
  },
  {
    what: "read the environment of the desktop's server",
    script: ({ serverPid }) => `tr '\\0' '\\n' </proc/${serverPid}/environ | grep -q PATH`,
  },
  { what: "see the desktop's server", script: ({ serverPid }) => `test -d /proc/${serverPid}` },
  { what: "see the server's arguments", script: () => seesCommand('[-]-edge-key-file') },
  { what: "signal the desktop's server", script: ({ serverPid }) => `kill -0 ${serverPid}` },
  { what: "trace the desktop's server", script: ({ serverPid }) => trace(serverPid) },
  {
    what: "read the environment of the fleet's process",
    script: () => `tr '\\0' '\\n' </proc/${fleetFacts.pid}/environ | grep -q PATH`,
  },
  { what: "trace the fleet's process", script: () => trace(fleetFacts.pid) },
];

const cannot =
  process.geteuid?.() === 0 ? await isolationFault() : 'only root runs desktops as different users';

test('programs of a desktop reach nothing of another one, and nothing of the fleet', {
  skip: cannot ?? false,
}, async (t) => {
  const fleet = await FleetProcess.start();
  t.after(() => fleet.removeAll());
  Object.assign(fleetFacts, { data: fleet.data, pid: fleet.pid });
  const [own, other] = [await start(fleet, 'lab-1'), await start(fleet, 'lab-2')];

  for (const { what, script } of OF_DESKTOPS) {
    await t.test(`a program can ${what} of its own desktop only`, async () => {
      const allowed = await own.shell.run(script(own));
      assert.equal(allowed.code, 0, `its own: ${allowed.said}`);
      const attempt = await own.shell.run(script(other));
      assert.notEqual(attempt.code, 0, `that of another: ${attempt.said}`);
    });
  }
  for (const { what, script } of OF_ROOT) {
    await t.test(`a program can not ${what}`, async () => {
      for (const target of [own, other]) {
        const allowed = spawnSync('sh', ['-c', script(target)], { encoding: 'utf8' });
        assert.equal(allowed.status, 0, `root: ${allowed.stderr}`);
        const attempt = await own.shell.run(script(target));
        assert.notEqual(attempt.code, 0, `${target.name}: ${attempt.said}`);
      }
    });
  }
  await t.test('a program gains no rights by setuid files', async () => {
    const { said } = await own.shell.run('grep NoNewPrivs /proc/self/status');
    assert.match(said, /1$/m);
  });
  await t.test('what was left in /tmp is gone when the desktop is started again', async () => {
    assert.equal((await own.shell.run('ls /tmp')).said.includes(leftBy('lab-1')), true);
    const admin = fleet.client();
    await admin.post('/api/desktops/lab-1/restart?wait=60', undefined, { timeoutMs: 90_000 });
    admin.close();
    assert.equal((await own.shell.run('ls /tmp')).said.includes(leftBy('lab-1')), false);
  });
});

/** Makes a desktop, and leaves in it what others could find. */
async function start(fleet: FleetProcess, name: string): Promise<Target> {
  const admin = fleet.client();
  const desktop = { name, size: '640x480', command: shellCommand(mark(name)) };
  const made = await admin.post('/api/desktops?wait=60', desktop, { timeoutMs: 90_000 });
  admin.close();
  assert.equal(made.json().state, 'running', made.text());
  const { keyFile, userId } = placesOf(name, fleet.data);
  const [serverPid] = processesWith('cmdline', keyFile);
  const user = await lookUpUser(`deskwire-${userId}`);
  assert.ok(user !== undefined && serverPid !== undefined);
  const { home } = user;
  writeFileSync(join(home, 'secret'), 'secret', { mode: 0o644 });
  const shell = new DesktopShell(home);
  const left = await shell.run(
    `for folder in ${SHARED_FOLDERS.join(' ')}; do touch $folder/${leftBy(name)} && echo left; done`,
  );
  assert.ok(left.said.split('left\n').length > 2, `there are such folders: ${left.said}`);
  await shell.run(`echo copied-in-${name} | xclip -i -selection clipboard >/dev/null 2>&1`);
  const { said } = await shell.run('ipcmk -M 4096 -p 0666; ipcs -m');
  const programPid = await shell.programPid();
  const variables = new Map(
    readProc(programPid, 'environ')!
      .split('\0')
      .map((pair) => [pair.split('=', 1)[0]!, pair.slice(pair.indexOf('=') + 1)]),
  );
  return {
    ...{ name, shell, home, programPid, serverPid },
    display: variables.get('DISPLAY')!,
    authority: variables.get('XAUTHORITY')!,
    memoryKey: /0x(?!0{8})[0-9a-f]{8}/.exec(said)![0],
  };
}
