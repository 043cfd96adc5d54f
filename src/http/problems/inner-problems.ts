import { ACCOUNT_ERRORS, AccountsError } from '../../accounts/errors.ts';
import { DESKTOP_ERRORS, DesktopError } from '../../desktop/errors.ts';
import { SESSION_ERRORS, SessionError } from '../../session/errors.ts';
import { Problem } from './errors.ts';

/** What the caller did not cause. Everything else that accounts or the session refuse is a 400. */
const OUR_FAULT: ReadonlyMap<string, number> = new Map([
  ['ACCOUNTS_BUSY', 503],
  ['ACCOUNTS_CLOSED', 503],
  ['ACCOUNTS_STORE_LOCKED', 503],
  ['ACCOUNTS_STORE_BROKEN', 500],
  ['ACCOUNTS_STORE_UNREADABLE', 500],
  ['ACCOUNTS_STORE_UNWRITABLE', 500],
  ['ACCOUNTS_KASM_FILE', 500],
  ['ACCOUNTS_HASH_FAILED', 500],
  ['SESSION_CLOSED', 503],
]);

/** The answer to an error of a room below, or undefined where it is none of theirs. */
export function innerProblem(error: unknown): Problem | undefined {
  if (error instanceof AccountsError) {
    const { code, message, errors } = error;
    const status = OUR_FAULT.get(code) ?? 400;
    const title = ACCOUNT_ERRORS[code];
    const options = errors.length > 0 ? { cause: error, errors } : { cause: error };
    // The message of our own fault may name a file of ours.
    return new Problem(code, { status, title }, status < 500 ? message : title, options);
  }
  if (error instanceof SessionError) {
    const status = OUR_FAULT.get(error.code) ?? 400;
    return new Problem(error.code, { status, title: SESSION_ERRORS[error.code] }, error.message, {
      cause: error,
    });
  }
  if (error instanceof DesktopError) {
    // The desktop comes back by itself or not at all; either way there is nothing to see now.
    return new Problem(error.code, { status: 503, title: DESKTOP_ERRORS[error.code] }, undefined, {
      cause: error,
    });
  }
  return undefined;
}
