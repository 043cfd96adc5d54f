import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError } from '../config/errors.ts';
import type { ParsedFlags } from '../config/parse-flags.ts';
import { STORE_ENV, STORE_FILE_ENV } from '../config/variables.ts';
import type { StorePlace } from '../fleet/store/open-store.ts';
import { parseStoreUrl } from '../fleet/store/postgres/store-url.ts';

/** The path of a folder, which is no URL and no mistyped one. */
const FOLDER = /^\.{0,2}\//;

export interface GivenStore {
  /** Undefined if none was given: the embedded store. */
  readonly place: StorePlace | undefined;
  readonly warnings: readonly string[];
}

/**
 * Reads where the store is: by `--store` or `--store-file`, or else by DESKWIRE_STORE or DESKWIRE_STORE_FILE. Takes the
 * variables out of the environment, so that no desktop inherits them. Throws ConfigError.
 */
export function takeStorePlace(
  flags: ParsedFlags['values'],
  env: Record<string, string | undefined>,
  cwd: string,
): GivenStore {
  const written = [
    { source: '--store', url: flags.get('store')?.at(-1), isFlag: true },
    { source: '--store-file', file: flags.get('store-file')?.at(-1), isFlag: true },
    { source: STORE_ENV, url: env[STORE_ENV] || undefined, isFlag: false },
    { source: STORE_FILE_ENV, file: env[STORE_FILE_ENV] || undefined, isFlag: false },
  ].filter(({ url, file }) => url !== undefined || file !== undefined);
  delete env[STORE_ENV];
  delete env[STORE_FILE_ENV];
  const given = written.some(({ isFlag }) => isFlag) ? written.filter(({ isFlag }) => isFlag) : written;
  if (given.length > 1) {
    const sources = given.map(({ source }) => source).join(', ');
    throw new ConfigError('CFG_STORE', `The store is given twice: ${sources}.`);
  }
  const [one] = given;
  if (one === undefined) return { place: undefined, warnings: [] };
  if (one.file !== undefined) return fromFile(resolve(cwd, one.file), one.source);
  if (FOLDER.test(one.url!)) return { place: { folder: resolve(cwd, one.url!) }, warnings: [] };
  const place = parseStoreUrl(one.url!, one.source);
  const isSeen = one.isFlag && place.password !== undefined;
  const warning = `All users of this machine can read the password of ${one.source}: use --store-file.`;
  return { place, warnings: isSeen ? [warning] : [] };
}

function fromFile(path: string, source: string): GivenStore {
  let text: string;
  let mode: number;
  try {
    text = readFileSync(path, 'utf8');
    mode = statSync(path).mode;
  } catch (cause) {
    throw new ConfigError('CFG_STORE', `${source}: ${(cause as Error).message}.`, { cause });
  }
  const place = parseStoreUrl(text.split('\n', 1)[0]!.trim(), `${source}: ${path}`);
  const isOpen = (mode & 0o077) !== 0 && place.password !== undefined;
  const warning = `Other users may read ${path}, which has the password of the store: its mode should be 0600.`;
  return { place, warnings: isOpen ? [warning] : [] };
}
