import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { isSha256Crypt, sha256Crypt } from './sha256-crypt.ts';

/** Test vectors of the specification: setting, password, result. */
const VECTORS = [
  ['$5$saltstring', 'Hello world!', '$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5'],
  [
    '$5$rounds=10000$saltstringsaltstring',
    'Hello world!',
    '$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA',
  ],
  [
    '$5$rounds=5000$toolongsaltstring',
    'This is just a test',
    '$5$rounds=5000$toolongsaltstrin$Un/5jzAHMgOGZ5.mWJpuVolil07guHPvOW8mGRcvxa5',
  ],
  [
    '$5$rounds=1400$anotherlongsaltstring',
    'a very much longer text to encrypt.  This one even stretches over morethan one line.',
    '$5$rounds=1400$anotherlongsalts$Rx.j8H.h8HjEDGomFU8bDkXm3XIUnzyxf12oP84Bnq1',
  ],
  [
    '$5$rounds=77777$short',
    'we have a short salt string but not a short password',
    '$5$rounds=77777$short$JiO1O3ZpDAxGJeaDIuqCoEFysAe1mZNJRs3pw0KQRd/',
  ],
  [
    '$5$rounds=123456$asaltof16chars..',
    'a short string',
    '$5$rounds=123456$asaltof16chars..$gP3VQ/6X7UUEW3HkBn2w1/Ptq2jxPyzV/cZKmF/wJvD',
  ],
  [
    '$5$rounds=10$roundstoolow',
    'the minimum number is still observed',
    '$5$rounds=1000$roundstoolow$yfvwcWrQ8l/K0DAWyuPMDNHpIVlTQebY9l/gL972bIC',
  ],
] as const;

for (const [setting, password, expected] of VECTORS) {
  test(`SHA-256 crypt of ${setting} gives the result in the specification`, () => {
    assert.equal(sha256Crypt(password, setting), expected);
    assert.equal(sha256Crypt(password, expected), expected);
  });
}

test('SHA-256 crypt with the salt of KasmVNC gives the result of OpenSSL', () => {
  for (const password of ['password', 'x', 'ü'.repeat(40), 'a'.repeat(33), 'with spaces and $']) {
    const input = `${password}\n`;
    const expected = execFileSync('openssl', ['passwd', '-5', '-salt', 'kasm', '-stdin'], { input });
    assert.equal(sha256Crypt(password, '$5$kasm$'), expected.toString().trim());
  }
});

test('an incomplete SHA-256 crypt hash is not recognised', () => {
  assert.equal(isSha256Crypt(VECTORS[0][2]), true);
  for (const text of ['', '$5$kasm$', '$5$kasm', '$6$kasm$abc', `${VECTORS[0][2]}x`, `${VECTORS[0][2]}\n`])
    assert.equal(isSha256Crypt(text), false, text);
});
