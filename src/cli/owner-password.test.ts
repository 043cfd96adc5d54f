import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readOwnerPassword } from './owner-password.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/deskwire.mjs', import.meta.url));
const OWNER_PASSWORD = fileURLToPath(new URL('./owner-password.ts', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'deskwire-password-'));
after(() => rmSync(folder, { recursive: true }));

const NOTHING = { ownerPasswordFile: undefined, ownerPasswordFd: undefined };

/** Writes a file with the mode, and returns its path. */
function fileWith(text: string, mode = 0o600): string {
  const path = join(folder, 'password');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

test("the owner's password is the first line of the file, whose mode is checked", async () => {
  const read = (text: string, mode?: number) =>
    readOwnerPassword({ ...NOTHING, ownerPasswordFile: fileWith(text, mode) }, undefined);
  assert.deepEqual(await read('se kret\r\nmore\n'), { password: 'se kret', warnings: [] });
  const { password, warnings } = await read('x', 0o644);
  assert.equal(password, 'x');
  assert.match(warnings.join(), /Other users may read .*password/);
  await assert.rejects(read('\nx'), { code: 'CFG_PASSWORD_UNREADABLE' });
  const ownerPasswordFile = join(folder, 'missing');
  await assert.rejects(readOwnerPassword({ ...NOTHING, ownerPasswordFile }, undefined), {
    code: 'CFG_PASSWORD_UNREADABLE',
  });
});

test("the owner's password is read from a descriptor, which is closed then", async () => {
  const fd = openSync(fileWith('from a file\n'), 'r');
  assert.equal(
    (await readOwnerPassword({ ...NOTHING, ownerPasswordFd: fd }, undefined)).password,
    'from a file',
  );
  assert.throws(() => fstatSync(fd), { code: 'EBADF' });
  await assert.rejects(readOwnerPassword({ ...NOTHING, ownerPasswordFd: 1000 }, undefined), {
    code: 'CFG_PASSWORD_UNREADABLE',
  });
});

test('the descriptors to which the server prints are refused for the password, and stay open', async () => {
  for (const ownerPasswordFd of [1, 2]) {
    await assert.rejects(readOwnerPassword({ ...NOTHING, ownerPasswordFd }, undefined), {
      code: 'CFG_PASSWORD_UNREADABLE',
      message: /output/,
    });
    fstatSync(ownerPasswordFd);
  }
});

test("the owner's password is read from a pipe that stays open, such as standard input", async () => {
  const program = `
    import { readOwnerPassword } from ${JSON.stringify(OWNER_PASSWORD)};
    console.log(await readOwnerPassword({ ownerPasswordFile: undefined, ownerPasswordFd: 0 }, undefined));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.write('from a pipe\nmore');
  let said = '';
  for await (const part of child.stdout) said += part;
  assert.match(said, /password: 'from a pipe'/);
  child.stdin.destroy();
});

test("the owner's password is given in one way only", async () => {
  assert.equal((await readOwnerPassword(NOTHING, 'env')).password, 'env');
  assert.equal((await readOwnerPassword(NOTHING, undefined)).password, undefined);
  await assert.rejects(readOwnerPassword({ ...NOTHING, ownerPasswordFile: '/x' }, 'env'), {
    code: 'CFG_PASSWORD_TWICE',
  });
});

test("the launcher keeps the owner's password out of the environment with which the server is started", () => {
  // The launcher's own flag stands for the server: it prints the environment that the kernel shows.
  const spy = join(folder, 'spy.mjs');
  writeFileSync(
    spy,
    `import { readFileSync } from 'node:fs';
    if (process.env.DESKWIRE_OWNER_PASSWORD_FD) {
      console.log(JSON.stringify([process.pid, readFileSync(9, 'utf8'), readFileSync('/proc/self/environ', 'latin1')]));
      process.exit();
    }
    console.error(process.pid);`,
  );
  const password = `$(id) "'\`é \\n`;
  const out = execFileSync(process.execPath, ['--import', spy, LAUNCHER, '--version'], {
    env: { ...process.env, DESKWIRE_OWNER_PASSWORD: password },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', openSync(join(folder, 'pid'), 'w')],
  });
  const [pid, line, environ] = JSON.parse(out);
  assert.equal(line, `${password}\n`);
  assert.doesNotMatch(environ, /DESKWIRE_OWNER_PASSWORD=|\$\(id\)/);
  assert.equal(readFileSync(join(folder, 'pid'), 'utf8').trim(), String(pid), 'the same process');
});
