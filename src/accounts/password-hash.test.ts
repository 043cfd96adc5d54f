import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ARGON2ID_COST,
  DEFAULT_COST,
  decoyHash,
  decoyOf,
  hasCost,
  hashPassword,
  isKnownHash,
  SCRYPT_COST,
  settingIn,
  verifyPassword,
} from './password-hash.ts';
import { sha256Crypt } from './sha256-crypt.ts';

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

test('a decoy can have the setting of any known hash, and no password fits it', () => {
  const weak = sha256Crypt('x', '$5$kasm$');
  for (const hash of [
    decoyHash(CHEAP_ARGON2ID),
    decoyHash(CHEAP_SCRYPT),
    weak,
    sha256Crypt('x', '$5$rounds=1000$a'),
  ]) {
    const decoy = decoyOf(settingIn(hash));
    assert.equal(isKnownHash(decoy), true, decoy);
    assert.equal(settingIn(decoy), settingIn(hash));
    assert.notEqual(decoy, hash);
    assert.equal(verifyPassword('x', decoy), false);
  }
  assert.equal(settingIn(weak), settingIn(sha256Crypt('x', '$5$rounds=5000$other')));
});

test('decoys beside a hash do not change whether a password fits it', () => {
  const decoys = [decoyHash(CHEAP_SCRYPT), decoyOf('$5$rounds=1000')];
  for (const hash of [hashPassword('right', CHEAP_ARGON2ID), sha256Crypt('right', '$5$kasm$')]) {
    assert.equal(verifyPassword('right', hash, decoys), true);
    assert.equal(verifyPassword('wrong', hash, decoys), false);
  }
});

test('a hash whose cost is beyond the limits, or that its algorithm cannot make, is not accepted', () => {
  const rest = `$${'A'.repeat(22)}$${'A'.repeat(43)}`;
  for (const [setting, isAccepted] of [
    ['$argon2id$v=19$m=262144,t=4,p=1', true],
    ['$argon2id$v=19$m=262145,t=1,p=1', false],
    ['$argon2id$v=19$m=19456,t=54,p=1', false],
    ['$argon2id$v=19$m=9999999,t=999,p=1', false],
    ['$argon2id$v=19$m=8,t=0,p=1', false],
    ['$argon2id$v=19$m=8,t=1,p=2', false],
    ['$scrypt$ln=18,r=8,p=2', true],
    ['$scrypt$ln=19,r=8,p=1', false],
    ['$scrypt$ln=17,r=8,p=5', false],
    ['$scrypt$ln=0,r=8,p=1', false],
    ['$scrypt$ln=99,r=99,p=99', false],
  ] as const)
    assert.equal(isKnownHash(`${setting}${rest}`), isAccepted, setting);
  const digest = 'A'.repeat(43);
  assert.equal(isKnownHash(`$5$rounds=100000$kasm$${digest}`), true);
  assert.equal(isKnownHash(`$5$rounds=100001$kasm$${digest}`), false);
  assert.equal(isKnownHash(`$5$rounds=999999999$kasm$${digest}`), false);
});
