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

/** A checkout with one npm package, and a fake `npm` that runs `script` and records its calls. */
class Checkout {
  readonly folder = mkdtempSync(join(work, 'checkout-'));
  readonly #bin = mkdtempSync(join(work, 'bin-'));

  constructor(npmScript: string) {
    mkdirSync(join(this.folder, 'node_modules'));
    writeFileSync(join(this.folder, 'package-lock.json'), LOCK_FILE);
    writeFileSync(join(this.#bin, 'npm'), `#!/bin/sh\necho "$@" >>npm.calls\n${npmScript}\n`, {
      mode: 0o755,
    });
    for (const program of ['flock', 'cp', 'sleep']) {
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

  npmCalls(): string[] {
    const path = join(this.folder, 'npm.calls');
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  }
}

const INSTALL = 'cp package-lock.json node_modules/.package-lock.json';

test('setup installs missing packages once, and prints nothing the next time', async () => {
  const checkout = new Checkout(INSTALL);
  const first = await checkout.start('build').end;
  assert.equal(first.code, 0, first.err);
  assert.match(first.err, /npm packages: done/);
  assert.deepEqual(await checkout.start('build').end, { code: 0, out: '', err: '' });
  assert.equal(checkout.npmCalls().length, 1);
  assert.match(checkout.npmCalls()[0]!, /^ci .*--ignore-scripts/);
});

test('setup replaces a package of another version', async () => {
  const checkout = new Checkout(INSTALL);
  const older = LOCK_FILE.replace('1.0.0', '0.9.0');
  writeFileSync(join(checkout.folder, 'node_modules/.package-lock.json'), older);
  assert.equal((await checkout.start('build').end).code, 0);
  assert.equal(checkout.npmCalls().length, 1);
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
  assert.equal(checkout.npmCalls().length, 1);
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

test('setup without the right to install prints the missing packages and how to install them', async () => {
  const { code, err } = await new Checkout(INSTALL).start('start').end;
  assert.equal(code, 1);
  assert.match(err, /missing: xvfb openbox xterm/);
  assert.match(err, /sudo apt-get install --no-install-recommends xvfb openbox xterm/);
});
