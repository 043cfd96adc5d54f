import { isValidName } from '../../accounts/account-changes.ts';
import { ListFile } from './list-file.ts';

/** Bytes of the file: more than the most sessions with the longest names take. A larger value delays the start. */
const MAX_BYTES = 8 * 1024 * 1024;

/** What outlives a restart of a session. Its secrets are not in it. */
export interface SavedSession {
  readonly id: string;
  readonly user: string;
  /** The id of the password with which the session began. The session ends with that password. */
  readonly passwordId: string;
  /** SHA-256 of the cookie's secret, in hex. */
  readonly digest: string;
  /** SHA-256 of the page's key, in hex. */
  readonly keyDigest: string;
  /** Unix milliseconds. */
  readonly expiresMs: number;
  readonly stays: boolean;
  readonly isFramed: boolean;
}

const TEXTS = ['id', 'user', 'passwordId', 'digest', 'keyDigest'] as const;
const FLAGS = ['stays', 'isFramed'] as const;

/** The file with the sessions of pages, so that a restart logs no page out. */
export class SessionFile extends ListFile<SavedSession> {
  constructor(path: string, onProblem: (error: unknown) => void) {
    super({ path, maxBytes: MAX_BYTES, isItem: isSaved, onProblem });
  }
}

function isSaved(value: unknown): value is SavedSession {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  return (
    TEXTS.every((name) => typeof fields[name] === 'string') &&
    FLAGS.every((name) => typeof fields[name] === 'boolean') &&
    isValidName(String(fields.user)) &&
    Number.isFinite(fields.expiresMs)
  );
}
