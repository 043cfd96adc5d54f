import { isValidName } from './account-changes.ts';
import { isScope, type Scope } from './scopes.ts';
import { brokenFile, type FileContents } from './shared-file.ts';

const FILE_NAME = 'tokens.json';
const TOKEN_FILE = 'token file';

/** Version of the file's format. Raised when older programs cannot read the new format. */
const VERSION = 1;

/**
 * Tokens of all users together. A larger number makes each change of the file slower, 400 bytes a token; a smaller one
 * refuses tokens.
 */
export const MAX_TOKENS = 1000;

/** Bytes of the file: more than MAX_TOKENS of the longest tokens. */
const MAX_FILE_BYTES = 2 * 1024 * 1024;

/** Characters (code points) of a token's name. Longer ones make a list hard to read. */
export const MAX_TOKEN_NAME_LENGTH = 64;

/** A token without its secret. Times are milliseconds since 1970. */
export interface Token {
  readonly id: string;
  /** What its maker calls it, for people. */
  readonly name: string;
  readonly user: string;
  readonly scopes: readonly Scope[];
  readonly createdMs: number;
  readonly expiresMs: number;
  /** When it was last used, to the minute. Undefined: never. */
  readonly usedMs: number | undefined;
}

/** A token as the file keeps it. */
export interface StoredToken extends Token {
  /** SHA-256 of the secret, in hex. */
  readonly digest: string;
  /** The id of the password that the user had when the token was made. The token ends with that password. */
  readonly passwordId: string;
}

/** Tokens by id. Immutable: a change makes a new state. */
export type TokenState = ReadonlyMap<string, StoredToken>;

export const TOKEN_CONTENTS: FileContents<TokenState> = {
  fileName: FILE_NAME,
  called: TOKEN_FILE,
  judgesFolder: false,
  empty: new Map(),
  maxBytes: MAX_FILE_BYTES,
  format: formatTokens,
  parse: parseTokens,
};

/** A name that people can read in a list: no control characters, and not empty. */
export function isValidTokenName(name: string): boolean {
  if (name.length === 0 || name.length > 2 * MAX_TOKEN_NAME_LENGTH) return false;
  return [...name].length <= MAX_TOKEN_NAME_LENGTH && name.isWellFormed() && !/\p{Cc}/u.test(name);
}

/** Formats the file, one line for each token, so that people can read and compare it. */
function formatTokens(state: TokenState): string {
  const tokens = [...state.values()].map((token) => JSON.stringify(token));
  return `{\n"version": ${VERSION},\n"tokens": [\n${tokens.join(',\n')}\n]\n}\n`;
}

function parseTokens(text: string, path: string): TokenState {
  const broken = (what: string, cause?: unknown) => brokenFile(TOKEN_FILE, path, what, cause);
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw broken('it is not JSON', cause);
  }
  if (!isRecord(file) || !Array.isArray(file.tokens)) throw broken('it lacks the list "tokens"');
  if (file.version !== VERSION) throw broken(`its version is not ${VERSION}`);
  const tokens = new Map<string, StoredToken>();
  for (const [index, entry] of file.tokens.entries()) {
    const token = storedToken(entry);
    if (token === undefined) throw broken(`entry ${index + 1} of "tokens" is not a token`);
    if (tokens.has(token.id)) throw broken(`entry ${index + 1} of "tokens" has the id of an entry before it`);
    tokens.set(token.id, token);
  }
  return tokens;
}

function storedToken(entry: unknown): StoredToken | undefined {
  if (!isRecord(entry)) return undefined;
  const { id, name, user, scopes, createdMs, expiresMs, usedMs, digest, passwordId } = entry;
  if (typeof id !== 'string' || !/^[0-9a-f]{16}$/.test(id)) return undefined;
  if (typeof name !== 'string' || !isValidTokenName(name)) return undefined;
  if (typeof user !== 'string' || !isValidName(user)) return undefined;
  // A scope that a newer version knows would be lost, or be taken for another one.
  if (!Array.isArray(scopes) || !scopes.every(isScope)) return undefined;
  if (!isTime(createdMs) || !isTime(expiresMs) || !(usedMs === undefined || isTime(usedMs))) return undefined;
  if (typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest)) return undefined;
  if (typeof passwordId !== 'string') return undefined;
  return { id, name, user, scopes, createdMs, expiresMs, usedMs, digest, passwordId };
}

const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
