import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { AccountsError } from './errors.ts';
import { parseKasmPasswordFile, readKasmPasswordFile } from './kasm-password-file.ts';
import { sha256Crypt } from './sha256-crypt.ts';

const hash = sha256Crypt('secret', '$5$kasm$');

test('users and rights are read from a KasmVNC file, and write implies read', () => {
  const text = `kasm_user:${hash}:rwo\r\nfred:${hash}:w\n\n__proto__:${hash}:\nold:${hash}\n`;
  assert.deepEqual(parseKasmPasswordFile(text, 'f'), [
    { name: 'kasm_user', hash, read: true, write: true, owner: true },
    { name: 'fred', hash, read: true, write: true, owner: false },
    { name: '__proto__', hash, read: false, write: false, owner: false },
    { name: 'old', hash, read: false, write: false, owner: false },
  ]);
});

test('the error for a broken KasmVNC file has the line', () => {
  for (const line of [
    'fred',
    'fred:',
    'fred:plain:rw',
    `:${hash}:r`,
    `fred:${hash}:rx`,
    `fred:${hash}:r:w`,
    `fred:${hash.replace('$5$', '$5$rounds=100001$')}:r`,
    `a:${hash}:r`,
  ]) {
    assert.throws(
      () => parseKasmPasswordFile(`a:${hash}:rwo\n${line}\n`, '/kasm'),
      (error) =>
        error instanceof AccountsError &&
        error.code === 'ACCOUNTS_KASM_FILE' &&
        error.message.startsWith('/kasm, line 2: '),
      line,
    );
  }
});

test('a missing KasmVNC file is an error', () => {
  assert.throws(() => readKasmPasswordFile('/nonexistent/kasm'), { code: 'ACCOUNTS_KASM_FILE' });
});

test('a KasmVNC file that others may write, is too large or no regular file is refused', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'deskwire-kasm-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'kasmpasswd');
  const refusal = (): string => {
    let message = '';
    assert.throws(
      () => readKasmPasswordFile(path),
      (error) => {
        assert.ok(error instanceof AccountsError && error.code === 'ACCOUNTS_KASM_FILE');
        message = error.message;
        return true;
      },
    );
    return message;
  };
  writeFileSync(path, `fred:${hash}:r\n`);
  const warnings: string[] = [];
  const users = () => readKasmPasswordFile(path, (warning) => warnings.push(warning)).length;
  chmodSync(path, 0o600);
  assert.equal(users(), 1);
  assert.deepEqual(warnings, []);
  chmodSync(path, 0o644);
  assert.equal(users(), 1);
  assert.match(warnings.join(), /kasmpasswd can be read by other users/);
  chmodSync(path, 0o666);
  assert.match(refusal(), /can be written by every user/);
  chmodSync(path, 0o600);
  truncateSync(path, 8 * 1024 * 1024 + 1);
  assert.match(refusal(), /more than 8388608 bytes/);
  rmSync(path);
  execFileSync('mkfifo', [path]);
  assert.match(refusal(), /not a regular file/);
});
