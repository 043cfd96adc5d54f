import * as crypto from 'node:crypto';
import { isSha256Crypt, sha256Crypt, sha256CryptDecoy, sha256CryptRounds } from './sha256-crypt.ts';

/**
 * Cost of a hash. It is part of the hash, so that hashes of other costs still verify. Such a hash is replaced at the
 * next login.
 */
export type HashCost =
  | {
      readonly algorithm: 'argon2id';
      readonly memoryKiB: number;
      readonly passes: number;
      readonly lanes: number;
    }
  | {
      readonly algorithm: 'scrypt';
      readonly logN: number;
      readonly blockSize: number;
      readonly lanes: number;
    };

/**
 * Lowest costs that the OWASP Password Storage Cheat Sheet recommends. Measured: one argon2id of 19 MiB takes 25 ms,
 * and one scrypt of the same rank (N=2^17) 430 ms. A bulk call of 1,000 users takes half a minute or seven minutes.
 */
export const ARGON2ID_COST: HashCost = { algorithm: 'argon2id', memoryKiB: 19_456, passes: 2, lanes: 1 };
export const SCRYPT_COST: HashCost = { algorithm: 'scrypt', logN: 17, blockSize: 8, lanes: 1 };

/** Node has argon2id since 24.7. Older versions make scrypt hashes. */
export const DEFAULT_COST: HashCost = 'argon2Sync' in crypto ? ARGON2ID_COST : SCRYPT_COST;

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Shortest salt that argon2id takes, in bytes (RFC 9106, section 3.1). */
const MIN_ARGON2ID_SALT_BYTES = 8;

/**
 * Limits of the costs that are accepted: every login pays for the most expensive hash of the store. With larger ones, a
 * hash from elsewhere lets anyone occupy the hash thread for longer with one login; with smaller ones, users of an
 * imported file need a new password.
 *
 * - memory: 256 MiB, twice that of SCRYPT_COST
 * - argon2id, memory × passes: 0.7 s, 27 times ARGON2ID_COST
 * - scrypt, N × r × lanes: 1.7 s, four times SCRYPT_COST
 * - SHA-256 crypt: 0.2 s, 20 times the hashes of KasmVNC
 */
const MAX_MEMORY_KIB = 256 * 1024;
const MAX_ARGON2ID_WORK_KIB = 1024 * 1024;
const MAX_SCRYPT_WORK = 2 ** 22;
export const MAX_SHA256_CRYPT_ROUNDS = 100_000;

const ARGON2ID =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{8,88})\$([A-Za-z0-9+/]{22,88})$/;
const SCRYPT =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{8,88})\$([A-Za-z0-9+/]{22,88})$/;

interface ParsedHash {
  readonly cost: HashCost;
  readonly salt: Buffer;
  readonly digest: Buffer;
}

/** Hashes a password with a new salt into a PHC string. Blocks its thread, so only the hashing thread calls it. */
export function hashPassword(password: string, cost: HashCost): string {
  const salt = crypto.randomBytes(SALT_BYTES);
  const digest = derive(password, salt, HASH_BYTES, cost);
  return `${settingOf(cost)}$${base64(salt)}$${base64(digest)}`;
}

/**
 * Whether `hash` is a hash of `password`. Does the work for `decoys` too, and in an order that does not depend on which
 * of them is `hash`. Blocks its thread, as `hashPassword` does.
 */
export function verifyPassword(password: string, hash: string, decoys: readonly string[] = []): boolean {
  let fits = false;
  for (const one of [hash, ...decoys].sort()) {
    const fitsOne = fitsHash(password, one);
    if (one === hash) fits = fitsOne;
  }
  return fits;
}

function fitsHash(password: string, hash: string): boolean {
  if (isSha256Crypt(hash)) return equal(Buffer.from(sha256Crypt(password, hash)), Buffer.from(hash));
  const parsed = parse(hash);
  if (parsed === undefined) return false;
  return equal(derive(password, parsed.salt, parsed.digest.length, parsed.cost), parsed.digest);
}

/** Whether `hash` has a known form, and a cost within the limits. */
export function isKnownHash(hash: string): boolean {
  if (isSha256Crypt(hash)) return sha256CryptRounds(hash) <= MAX_SHA256_CRYPT_ROUNDS;
  return parse(hash) !== undefined;
}

/** Whether `hash` has exactly this cost. A hash of another cost is replaced when the password is known. */
export function hasCost(hash: string, cost: HashCost): boolean {
  return hash.startsWith(`${settingOf(cost)}$`);
}

/** The part of a known hash that decides what verifying it costs. Equal for hashes of equal cost. */
export function settingIn(hash: string): string {
  if (isSha256Crypt(hash)) return `$5$rounds=${sha256CryptRounds(hash)}`;
  return hash.split('$').slice(0, -2).join('$');
}

/** Makes a hash without a known password, of the cost of `setting`. Verifying against it takes as long as usual. */
export function decoyOf(setting: string): string {
  if (setting.startsWith('$5$')) return sha256CryptDecoy(setting);
  return `${setting}$${base64(crypto.randomBytes(SALT_BYTES))}$${base64(crypto.randomBytes(HASH_BYTES))}`;
}

export const decoyHash = (cost: HashCost): string => decoyOf(settingOf(cost));

function settingOf(cost: HashCost): string {
  return cost.algorithm === 'argon2id'
    ? `$argon2id$v=19$m=${cost.memoryKiB},t=${cost.passes},p=${cost.lanes}`
    : `$scrypt$ln=${cost.logN},r=${cost.blockSize},p=${cost.lanes}`;
}

function parse(hash: string): ParsedHash | undefined {
  const argon2id = ARGON2ID.exec(hash);
  const [, work, second, lanes, salt, digest] = argon2id ?? SCRYPT.exec(hash) ?? [];
  if (salt === undefined || digest === undefined) return undefined;
  const cost: HashCost =
    argon2id !== null
      ? { algorithm: 'argon2id', memoryKiB: Number(work), passes: Number(second), lanes: Number(lanes) }
      : { algorithm: 'scrypt', logN: Number(work), blockSize: Number(second), lanes: Number(lanes) };
  const parsed = { cost, salt: Buffer.from(salt, 'base64'), digest: Buffer.from(digest, 'base64') };
  return isAcceptable(parsed) ? parsed : undefined;
}

/** Whether the algorithm takes the parameters, and their cost is within the limits. */
function isAcceptable({ cost, salt }: ParsedHash): boolean {
  if (cost.algorithm === 'argon2id') {
    const { memoryKiB, passes, lanes } = cost;
    if (salt.length < MIN_ARGON2ID_SALT_BYTES || passes < 1 || lanes < 1 || memoryKiB < 8 * lanes)
      return false;
    return memoryKiB <= MAX_MEMORY_KIB && memoryKiB * passes <= MAX_ARGON2ID_WORK_KIB;
  }
  const { logN, blockSize, lanes } = cost;
  if (logN < 1 || blockSize < 1 || lanes < 1) return false;
  const work = 2 ** logN * blockSize;
  // scrypt takes 128 bytes for each unit of work of one lane.
  return work / 8 <= MAX_MEMORY_KIB && work * lanes <= MAX_SCRYPT_WORK;
}

function derive(password: string, salt: Buffer, bytes: number, cost: HashCost): Buffer {
  if (cost.algorithm === 'argon2id') {
    return crypto.argon2Sync('argon2id', {
      message: password,
      nonce: salt,
      tagLength: bytes,
      memory: cost.memoryKiB,
      passes: cost.passes,
      parallelism: cost.lanes,
    });
  }
  const { logN, blockSize: r, lanes: p } = cost;
  // scrypt needs 128·N·r bytes. Node's default limit is 32 MiB.
  return crypto.scryptSync(password, salt, bytes, {
    N: 2 ** logN,
    r,
    p,
    maxmem: 128 * r * (2 ** logN + p + 2),
  });
}

/** Encodes base64 without padding, as in PHC strings. */
const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

function equal(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && crypto.timingSafeEqual(a, b);
}
