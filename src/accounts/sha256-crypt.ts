import { createHash, randomBytes } from 'node:crypto';

/**
 * SHA-256 crypt, the `$5$` of crypt(3), by Ulrich Drepper's "Unix crypt using SHA-256 and SHA-512", version 0.6.
 * Only verifies imported hashes, because its cost is too low for new ones.
 */

const MAX_SALT_BYTES = 16;
const DIGEST_BYTES = 32;
const DEFAULT_ROUNDS = 5000;
const MIN_ROUNDS = 1000;
const MAX_ROUNDS = 999_999_999;

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `$5$`, optional rounds, salt. Group 3 is the digest. */
const FORMAT = /^\$5\$(?:rounds=(\d{1,9})\$)?([^$:\n]{0,64})(?:\$([./0-9A-Za-z]{43}))?$/;

export const isSha256Crypt = (hash: string): boolean => FORMAT.exec(hash)?.[3] !== undefined;

/** Rounds that a hash or a setting asks for. */
export function sha256CryptRounds(setting: string): number {
  const given = /^\$5\$rounds=(\d{1,9})(?:\$|$)/.exec(setting)?.[1];
  return given === undefined ? DEFAULT_ROUNDS : Math.min(Math.max(Number(given), MIN_ROUNDS), MAX_ROUNDS);
}

/** Makes a hash without a known password, with the rounds of `setting` and the longest salt. */
export function sha256CryptDecoy(setting: string): string {
  const salt = randomBytes(MAX_SALT_BYTES / 2).toString('hex');
  return `$5$rounds=${sha256CryptRounds(setting)}$${salt}$${encode(randomBytes(DIGEST_BYTES))}`;
}

/** Hashes `password`. `setting` is `$5$salt`, `$5$rounds=N$salt`, or a whole hash that was made with one. */
export function sha256Crypt(password: string, setting: string): string {
  const parts = FORMAT.exec(setting.endsWith('$') ? setting.slice(0, -1) : setting);
  if (parts === null) throw new RangeError('not a setting of SHA-256 crypt');
  const rounds = sha256CryptRounds(setting);
  const salt = Buffer.from(parts[2] ?? '').subarray(0, MAX_SALT_BYTES);
  const digest = digestOf(Buffer.from(password), salt, rounds);
  return `$5$${parts[1] === undefined ? '' : `rounds=${rounds}$`}${salt}$${encode(digest)}`;
}

/** Steps 1-21 of the specification. */
function digestOf(key: Buffer, salt: Buffer, rounds: number): Buffer {
  const b = sha256(key, salt, key);
  const a = createHash('sha256').update(key).update(salt).update(repeat(b, key.length));
  for (let bits = key.length; bits > 0; bits >>= 1) a.update(bits & 1 ? b : key);
  let c = a.digest();

  const dp = createHash('sha256');
  for (let i = 0; i < key.length; i++) dp.update(key);
  const p = repeat(dp.digest(), key.length);

  const ds = createHash('sha256');
  for (let i = 0; i < 16 + (c[0] ?? 0); i++) ds.update(salt);
  const s = repeat(ds.digest(), salt.length);

  for (let round = 0; round < rounds; round++) {
    const odd = round % 2 === 1;
    const next = createHash('sha256').update(odd ? p : c);
    if (round % 3 !== 0) next.update(s);
    if (round % 7 !== 0) next.update(p);
    c = next.update(odd ? c : p).digest();
  }
  return c;
}

function sha256(...parts: Buffer[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Repeats `block` up to `length` bytes. */
function repeat(block: Buffer, length: number): Buffer {
  return Buffer.alloc(length, length === 0 ? undefined : block);
}

/** Step 22: takes groups of three bytes that are 10 apart, and encodes six bits at a time from the lowest. */
function encode(digest: Buffer): string {
  const at = (index: number) => digest[index] ?? 0;
  let text = '';
  let [x, y, z] = [0, 10, 20] as [number, number, number];
  for (let group = 0; group < 10; group++) {
    text += sixBits((at(x) << 16) | (at(y) << 8) | at(z), 4);
    // Each group rotates the three positions and moves them on by one.
    [x, y, z] = [z + 1, x + 1, y + 1];
  }
  return text + sixBits((at(31) << 8) | at(30), 3);
}

function sixBits(value: number, count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) text += ALPHABET[(value >> (6 * i)) & 63];
  return text;
}
