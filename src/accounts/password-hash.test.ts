import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ARGON2ID_COST,
  DEFAULT_COST,
  decoyHash,
  hasCost,
  hashPassword,
  isKnownHash,
  SCRYPT_COST,
  verifyPassword,
} from './password-hash.ts';

const CHEAP_ARGON2ID = { algorithm: 'argon2id', memoryKiB: 8, passes: 1, lanes: 1 } as const;
const CHEAP_SCRYPT = { algorithm: 'scrypt', logN: 4, blockSize: 8, lanes: 1 } as const;

test('new hashes have the lowest cost that OWASP recommends', () => {
  assert.deepEqual(ARGON2ID_COST, { algorithm: 'argon2id', memoryKiB: 19 * 1024, passes: 2, lanes: 1 });
  assert.deepEqual(SCRYPT_COST, { algorithm: 'scrypt', logN: 17, blockSize: 8, lanes: 1 });
  assert.equal(DEFAULT_COST, ARGON2ID_COST);
  assert.match(hashPassword('x', DEFAULT_COST), /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});

for (const cost of [CHEAP_ARGON2ID, CHEAP_SCRYPT, SCRYPT_COST]) {
  test(`${JSON.stringify(cost)}: the password fits its hash, another does not, and no two hashes are the same`, () => {
    const hash = hashPassword('päss', cost);
    assert.equal(isKnownHash(hash), true);
    assert.equal(hasCost(hash, cost), true);
    assert.equal(verifyPassword('päss', hash), true);
    assert.equal(verifyPassword('pass', hash), false);
    if (cost !== SCRYPT_COST) assert.notEqual(hashPassword('päss', cost), hash);
  });
}

test('argon2id gives the hash of the reference implementation of RFC 9106', () => {
  // Made by the reference implementation: echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1
  const hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  assert.equal(verifyPassword('password', hash), true);
  assert.equal(verifyPassword('Password', hash), false);
});

test('scrypt gives the hash of the test vector in RFC 7914', () => {
  // Section 12: scrypt("pleaseletmein", "SodiumChloride", N=16384, r=8, p=1), the first 32 of its 64 bytes.
  const digest = Buffer.from('7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2', 'hex');
  const hash = `$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$${digest.toString('base64').replace(/=+$/, '')}`;
  assert.equal(verifyPassword('pleaseletmein', hash), true);
  assert.equal(verifyPassword('pleaseletmeout', hash), false);
});

test('a decoy is a hash of the same cost that no password matches', () => {
  const decoy = decoyHash(CHEAP_ARGON2ID);
  assert.equal(isKnownHash(decoy), true);
  assert.equal(hasCost(decoy, CHEAP_ARGON2ID), true);
  assert.equal(verifyPassword('', decoy), false);
});

test('no password matches a text that is no hash', () => {
  for (const text of ['', 'x', '$argon2id$', '$5$kasm$', '$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$']) {
    assert.equal(isKnownHash(text), false);
    assert.equal(verifyPassword('x', text), false);
  }
});
