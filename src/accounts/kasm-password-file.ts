import { type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type FoundFile, readRegularFile } from '../common/read-regular-file.ts';
import { isValidName } from './account-changes.ts';
import { AccountsError } from './errors.ts';
import { isKnownHash, MAX_SHA256_CRYPT_ROUNDS } from './password-hash.ts';
import { isSha256Crypt } from './sha256-crypt.ts';
import { MAX_STORE_BYTES } from './store-file.ts';
import { judgeFile } from './store-permissions.ts';
import type { Rights } from './user.ts';

/** A user of a KasmVNC password file. */
export interface KasmUser extends Rights {
  readonly name: string;
  /** `$5$…` */
  readonly hash: string;
}

/**
 * Reads lines of the form `name:$5$kasm$hash:rwo`. Throws ACCOUNTS_KASM_FILE with the line of a fault, or if another
 * user could have written the file. `onWarning` is called with permissions that should be stricter.
 */
export function readKasmPasswordFile(path: string, onWarning?: (warning: string) => void): KasmUser[] {
  const refused = (why: string, cause?: unknown) =>
    new AccountsError('ACCOUNTS_KASM_FILE', `The KasmVNC password file ${path} ${why}.`, { cause });
  let found: FoundFile;
  let folder: Stats;
  try {
    found = readRegularFile(path, MAX_STORE_BYTES);
    folder = statSync(dirname(path));
  } catch (cause) {
    throw refused(`cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  if (found.kind === 'not-regular') throw refused('is not a regular file');
  if (found.kind === 'too-large') throw refused(`has more than ${MAX_STORE_BYTES} bytes`);
  const { uid, mode } = found.stats;
  const fault = judgeFile({ uid: Number(uid), mode: Number(mode) }, folder, process.geteuid?.() ?? 0);
  if (fault?.isRefused) throw refused(fault.what);
  if (fault !== undefined) onWarning?.(`The KasmVNC password file ${path} ${fault.what}.`);
  return parseKasmPasswordFile(found.text, path);
}

export function parseKasmPasswordFile(text: string, path: string): KasmUser[] {
  const users = new Map<string, KasmUser>();
  for (const [index, line] of text.split('\n').entries()) {
    const broken = (what: string) =>
      new AccountsError('ACCOUNTS_KASM_FILE', `${path}, line ${index + 1}: ${what}.`);
    if (line.trim() === '') continue;
    const [name = '', hash = '', letters = '', ...rest] = line.replace(/\r$/, '').split(':');
    if (rest.length > 0 || hash === '') throw broken('not of the form name:$5$salt$hash:rwo');
    if (!isValidName(name))
      throw broken('the user name is empty, over 127 characters, or has control characters');
    if (!isSha256Crypt(hash)) throw broken('the hash is not of the form $5$salt$hash');
    if (!isKnownHash(hash)) throw broken(`the hash has more than ${MAX_SHA256_CRYPT_ROUNDS} rounds`);
    if (!/^[rwo]*$/.test(letters)) throw broken('the rights are other letters than r, w and o');
    if (users.has(name)) throw broken('the user name was there before');
    const write = letters.includes('w');
    users.set(name, {
      name,
      hash,
      read: write || letters.includes('r'),
      write,
      owner: letters.includes('o'),
    });
  }
  return [...users.values()];
}
