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
  ['SESSION_SCREENSHOTS_BUSY', 503],
  ['SESSION_SCREENSHOT_FAILED', 500],
]);

/** Too much is asked at once. The caller may ask again after this many seconds. */
const RETRY_AFTER_S: ReadonlyMap<string, number> = new Map([
  ['ACCOUNTS_BUSY', 5],
  ['SESSION_SCREENSHOTS_BUSY', 1],
]);

function headersOf(code: string): Record<string, string> {
  const seconds = RETRY_AFTER_S.get(code);
  return seconds === undefined ? {} : { 'Retry-After': String(seconds) };
}

/** The answer to an error of a room below, or undefined where it is none of theirs. */
export function innerProblem(error: unknown): Problem | undefined {
  if (error instanceof AccountsError) {
    const { code, message, errors } = error;
    const status = OUR_FAULT.get(code) ?? 400;
    const title = ACCOUNT_ERRORS[code];
    const options = { cause: error, headers: headersOf(code), ...(errors.length > 0 && { errors }) };
    // The message of our own fault may name a file of ours.
    return new Problem(code, { status, title }, status < 500 ? message : title, options);
  }
  if (error instanceof SessionError) {
    const status = OUR_FAULT.get(error.code) ?? 400;
    return new Problem(error.code, { status, title: SESSION_ERRORS[error.code] }, error.message, {
      cause: error,
      headers: headersOf(error.code),
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
