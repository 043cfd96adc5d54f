import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoginDecoys } from './login-decoys.ts';
import { decoyHash, decoyOf, settingIn } from './password-hash.ts';

const STRONG = decoyHash({ algorithm: 'argon2id', memoryKiB: 8, passes: 1, lanes: 1 });
const OLDER = decoyHash({ algorithm: 'scrypt', logN: 4, blockSize: 8, lanes: 1 });
const IMPORTED = decoyOf('$5$rounds=5000');

const usersWith = (...hashes: string[]) => new Map(hashes.map((hash, index) => [`user${index}`, { hash }]));

test('a login costs the same for each user and for an unknown name', () => {
  const other = decoyHash({ algorithm: 'argon2id', memoryKiB: 8, passes: 1, lanes: 1 });
  for (const [hashes, costs] of [
    [[], 1],
    [[other], 1],
    [[other, OLDER], 2],
    [[IMPORTED, other, OLDER, IMPORTED], 3],
  ] as const) {
    const decoys = new LoginDecoys(STRONG);
    const users = usersWith(...hashes);
    const work = (hash: string): string[] => [hash, ...decoys.besides(hash, users)].map(settingIn).sort();
    assert.equal(work(decoys.forUnknown).length, costs);
    for (const hash of hashes) assert.deepEqual(work(hash), work(decoys.forUnknown));
  }
});

test('decoys stay the same while their cost is in use, and end with the last hash of that cost', () => {
  const decoys = new LoginDecoys(STRONG);
  const [first] = decoys.besides(STRONG, usersWith(IMPORTED, OLDER));
  const [second] = decoys.besides(STRONG, usersWith(IMPORTED));
  assert.equal(second, first);
  assert.deepEqual(decoys.besides(STRONG, usersWith(STRONG)), []);
});

test('a login is checked against at most four hashes', () => {
  const decoys = new LoginDecoys(STRONG);
  const users = usersWith(...[1000, 2000, 3000, 4000, 5000].map((rounds) => decoyOf(`$5$rounds=${rounds}`)));
  assert.equal(decoys.besides(STRONG, users).length, 3);
});
