import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { waitFor } from '../test/support/wait-for.ts';

const SETUP = join(import.meta.dirname, 'setup.mjs');
const LOCK_FILE = JSON.stringify({ packages: { '': {}, 'node_modules/a': { version: '1.0.0' } } });

const work = mkdtempSync(join(tmpdir(), 'deskwire-setup-'));
chmodSync(work, 0o755);
after(() => rmSync(work, { recursive: true }));

interface Setup {
  readonly child: ChildProcess;
  /** Returns its error output so far. */
  said(): string;
  readonly end: Promise<{ code: unknown; out: string; err: string }>;
}

/** What stands in for scripts/build.ts and scripts/compile-modules.ts in a checkout. */
const FAKE_BUILD = `import { mkdirSync, writeFileSync } from 'node:fs';
for (const folder of ['dist/client', 'tmp/compile-cache']) mkdirSync(folder, { recursive: true });
writeFileSync('dist/client/index.html', '');`;

/**
 * A checkout with one npm package, and a fake `npm` and `apt-get`, which record their calls in files and run a script. A
 * checkout without a script for apt-get is on a machine that has none.
 */
class Checkout {
  readonly folder = mkdtempSync(join(work, 'checkout-'));
  readonly #bin = mkdtempSync(join(work, 'bin-'));

  constructor(npmScript: string, aptScript?: string) {
    mkdirSync(join(this.folder, 'node_modules'));
    mkdirSync(join(this.folder, 'scripts'));
    writeFileSync(join(this.folder, 'package-lock.json'), LOCK_FILE);
    for (const name of ['build.ts', 'compile-modules.ts']) {
      writeFileSync(join(this.folder, 'scripts', name), FAKE_BUILD);
    }
    this.#fake('npm', npmScript);
    if (aptScript !== undefined) {
      this.#fake('apt-get', aptScript);
      this.#fake('dpkg', 'exit 0');
    }
    for (const program of ['flock', 'cp', 'sleep', 'env', 'touch', 'sync']) {
      symlinkSync(join('/usr/bin', program), join(this.#bin, program));
    }
  }

  start(purpose: string): Setup {
    const child = spawn(process.execPath, [SETUP, purpose], {
      cwd: this.folder,
      env: { PATH: this.#bin },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      err += part;
    });
    const end = Promise.all([text(child.stdout), once(child, 'close')]);
    return { child, said: () => err, end: end.then(([out, [code]]) => ({ code, out, err })) };
  }

  calls(program: 'npm' | 'apt-get'): string[] {
    const path = join(this.folder, `${program}.calls`);
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  }

  #fake(program: string, script: string): void {
    const text = `#!/bin/sh\necho "$@" >>${program}.calls\n${script}\n`;
    writeFileSync(join(this.#bin, program), text, { mode: 0o755 });
  }
}

const INSTALL = 'cp package-lock.json node_modules/.package-lock.json';

test('setup installs missing packages once, and prints nothing the next time', async () => {
  const checkout = new Checkout(INSTALL);
  const first = await checkout.start('build').end;
  assert.equal(first.code, 0, first.err);
  assert.match(first.err, /npm packages: done/);
  assert.deepEqual(await checkout.start('build').end, { code: 0, out: '', err: '' });
  assert.equal(checkout.calls('npm').length, 1);
  assert.match(checkout.calls('npm')[0]!, /^ci .*--ignore-scripts/);
});

test('setup replaces a package of another version', async () => {
  const checkout = new Checkout(INSTALL);
  const older = LOCK_FILE.replace('1.0.0', '0.9.0');
  writeFileSync(join(checkout.folder, 'node_modules/.package-lock.json'), older);
  assert.equal((await checkout.start('build').end).code, 0);
  assert.equal(checkout.calls('npm').length, 1);
});

test('one of two setups at once installs, and the other waits', async () => {
  const checkout = new Checkout(`until [ -e go ]; do sleep 0.05; done; ${INSTALL}`);
  const setups = [checkout.start('build'), checkout.start('build')];
  // The first one installs until the other has found it at work.
  const waits = () => setups.some(({ said }) => said().includes('Another start is installing'));
  await waitFor('the setup that waits', waits).finally(() => writeFileSync(join(checkout.folder, 'go'), ''));
  const ends = await Promise.all(setups.map(({ end }) => end));
  assert.deepEqual(
    ends.map(({ code }) => code),
    [0, 0],
  );
  assert.equal(checkout.calls('npm').length, 1);
});

test('a failed step of setup prints its output, and setup exits with 1', async () => {
  const { code, out, err } = await new Checkout('echo no network >&2; exit 7').start('build').end;
  assert.equal(code, 1);
  assert.equal(out, '', 'stdout belongs to the server');
  assert.match(err, /no network\ndeskwire: npm packages: failed \(npm: 7\)/);
});

test('a signal ends setup and the step in progress', async () => {
  const checkout = new Checkout('echo $$ >npm.id; exec sleep 60');
  const { child, end } = checkout.start('build');
  const idFile = join(checkout.folder, 'npm.id');
  while (!existsSync(idFile) || readFileSync(idFile, 'utf8') === '') {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  child.kill('SIGTERM');
  assert.equal((await end).code, 143);
  assert.ok(!existsSync(`/proc/${readFileSync(idFile, 'utf8').trim()}`));
});

const isDebian = process.getuid!() === 0 && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
/** In the script of a fake apt-get: ends it, with success, unless its words are those of `step`. */
const only = (step: string): string => `case "$*" in *${step}*) ;; *) exit 0 ;; esac`;

test('Debian packages and npm packages are installed at the same time', { skip: !isDebian }, async () => {
  const checkout = new Checkout(
    `until [ -e unfinished ]; do sleep 0.05; done; ${INSTALL}`,
    `case "$*" in
      *--simulate*) echo 'Inst xvfb (1)' ;;
      *--download-only*) until [ -e npm.calls ]; do sleep 0.05; done ;;
      *) cp tmp/debian-packages-unfinished unfinished ;;
    esac`,
  );
  const { code, err } = await checkout.start('start').end;
  assert.equal(code, 0, err);
  assert.doesNotMatch(err, /failed|no panel/);
  assert.match(
    checkout.calls('apt-get').at(-1)!,
    /install .*--force-unsafe-io .*--no-download .*xvfb.*tint2/,
  );
  assert.equal(readFileSync(join(checkout.folder, 'unfinished'), 'utf8'), 'xvfb\n');
  assert.ok(!existsSync(join(checkout.folder, 'tmp/debian-packages-unfinished')), 'all is on the disk');
});

test('Debian packages that replace others are written file by file', { skip: !isDebian }, async () => {
  for (const step of ['Inst libssl3 [3.0.1] (3.0.2 Debian)', 'Remv dbus-user-session [1.14]']) {
    const checkout = new Checkout(INSTALL, `${only('--simulate')}; echo '${step}'`);
    const { code, err } = await checkout.start('start').end;
    assert.equal(code, 0, err);
    assert.doesNotMatch(checkout.calls('apt-get').at(-1)!, /--force-unsafe-io/);
  }
});

test('Debian packages that a crash of the machine may have damaged are installed again', {
  skip: !isDebian,
}, async () => {
  const checkout = new Checkout(INSTALL, 'exit 0');
  mkdirSync(join(checkout.folder, 'tmp'));
  writeFileSync(join(checkout.folder, 'tmp/debian-packages-unfinished'), 'xvfb\nlibgl1\n');
  const { code, err } = await checkout.start('start').end;
  assert.equal(code, 0, err);
  assert.match(checkout.calls('apt-get')[0]!, /install --reinstall .*xvfb libgl1$/);
  assert.ok(!existsSync(join(checkout.folder, 'tmp/debian-packages-unfinished')));
});

test('a start goes on without the packages of the desktop, and the next one does not try again', {
  skip: !isDebian,
}, async () => {
  const checkout = new Checkout(INSTALL, `${only('tint2')}; exit 1`);
  const { code, err } = await checkout.start('start').end;
  assert.equal(code, 0, err);
  assert.match(err, /no panel\. To install it: apt-get install .*tint2/);
  const next = await checkout.start('start').end;
  assert.equal(next.code, 0, next.err);
  assert.doesNotMatch(next.err, /panel/);
});

test('a signal ends setup after all steps in progress', { skip: !isDebian }, async () => {
  const endsLate = (name: string): string =>
    `trap 'sleep 0.3; touch ${name}.ended; exit 1' TERM; touch ${name}.runs; while :; do sleep 0.05; done`;
  const checkout = new Checkout(endsLate('npm'), endsLate('apt'));
  const has = (name: string): boolean => existsSync(join(checkout.folder, name));
  const { child, end } = checkout.start('start');
  await waitFor('both steps', () => has('npm.runs') && has('apt.runs'));
  child.kill('SIGTERM');
  assert.equal((await end).code, 143);
  assert.ok(has('npm.ended') && has('apt.ended'));
  assert.equal(checkout.calls('apt-get').length, 1, 'nothing was started after the signal');
});

test('setup without the right to install prints the missing packages and how to install them', async () => {
  const { code, err } = await new Checkout(INSTALL).start('start').end;
  assert.equal(code, 1);
  assert.match(err, /missing: xvfb openbox xterm/);
  assert.match(err, /sudo apt-get install --no-install-recommends xvfb openbox xterm/);
});
