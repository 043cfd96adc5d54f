import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readVncPassword, vncPassword } from './vnc-password.ts';

const folder = mkdtempSync(join(tmpdir(), 'deskwire-vnc-password-'));
after(() => rmSync(folder, { recursive: true }));

const bytes = (digits: string): Buffer => Buffer.from(digits, 'hex');
/** A file that vncpasswd made for the password "password". */
const HIDDEN = bytes('dbd83cfd727a1458');

function fileOf(content: Uint8Array | string): string {
  const path = join(folder, 'file');
  writeFileSync(path, content);
  return path;
}

/** Whether two files hold the same password. */
function same(one: Uint8Array | string, other: Uint8Array | string): boolean {
  const first = readVncPassword(fileOf(one)).password;
  const second = readVncPassword(fileOf(other)).password;
  const challenge = first.challenge();
  return second.isRight(challenge, first.answer(challenge));
}

test('the VNC password is the first line of its file, or what vncpasswd has hidden there', () => {
  assert.ok(same('password\n', HIDDEN));
  assert.ok(same('password', HIDDEN));
  assert.ok(same('password\r\nmore', Buffer.concat([HIDDEN, HIDDEN])));
  assert.ok(!same('passwore', HIDDEN));
});

test('a VNC password has eight bytes, and a longer one is read with a warning', () => {
  assert.ok(same('password', 'password-and-more'));
  assert.equal(readVncPassword(fileOf('password-and-more')).warnings.length, 1);
  assert.equal(readVncPassword(fileOf('password')).warnings.length, 0);
});

test('a file without a password, a missing and a large one are refused with CFG_VNC_PASSWORD', () => {
  for (const path of [fileOf('\n'), join(folder, 'missing'), folder]) {
    assert.throws(() => readVncPassword(path), { code: 'CFG_VNC_PASSWORD' });
  }
  assert.throws(() => readVncPassword(fileOf('x'.repeat(5000))), { code: 'CFG_VNC_PASSWORD' });
});

test('each viewer gets a challenge of its own', () => {
  const password = vncPassword(Buffer.from('secret'));
  assert.notDeepEqual(password.challenge(), password.challenge());
  assert.ok(!password.isRight(password.challenge(), Buffer.alloc(16)));
});
