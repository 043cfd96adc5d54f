import { ACCOUNT_ERRORS, AccountsError } from '../../accounts/errors.ts';
import { DESKTOP_ERRORS, DesktopError } from '../../desktop/errors.ts';
import { SESSION_ERRORS, SessionError } from '../../session/errors.ts';
import { THREAD_ERRORS, ThreadError } from '../../threads/errors.ts';
import { Problem } from './errors.ts';

/** Statuses of errors that no change to the request would avoid. All others of accounts and session have status 400. */
const STATUSES: ReadonlyMap<string, number> = new Map([
  ['ACCOUNTS_CALLER_CHANGED', 403],
  ['ACCOUNTS_BUSY', 503],
  ['ACCOUNTS_CLOSED', 503],
  ['ACCOUNTS_STORE_LOCKED', 503],
  ['ACCOUNTS_STORE_BROKEN', 500],
  ['ACCOUNTS_STORE_UNREADABLE', 500],
  // Insufficient Storage: the disk is full or read-only. The users are as they were.
  ['ACCOUNTS_STORE_UNWRITABLE', 507],
  ['ACCOUNTS_STORE_MOUNTED', 507],
  ['ACCOUNTS_STORE_UNSAFE', 500],
  ['ACCOUNTS_STORE_FULL', 507],
  ['ACCOUNTS_KASM_FILE', 500],
  ['ACCOUNTS_HASH_FAILED', 500],
  ['SESSION_NO_WRITE', 403],
  ['SESSION_CLIPBOARD_OFF', 403],
  ['SESSION_CLIPBOARD_TYPE', 403],
  ['SESSION_CLIPBOARD_RATE', 429],
  ['SESSION_EXCLUSIVE', 409],
  // An attached display with several monitors never changes its size.
  ['DESKTOP_MONITORS', 400],
  ['SESSION_CLOSED', 503],
  ['SESSION_SCREENSHOTS_BUSY', 503],
  ['SESSION_SCREENSHOT_FAILED', 500],
  ['THREAD_NOT_STARTED', 503],
]);

/** Seconds after which a caller may repeat a call that the server was too busy for. */
const RETRY_AFTER_S: ReadonlyMap<string, number> = new Map([
  ['ACCOUNTS_BUSY', 5],
  ['SESSION_SCREENSHOTS_BUSY', 1],
  ['SESSION_CLIPBOARD_RATE', 1],
  ['THREAD_NOT_STARTED', 5],
]);

function headersOf(code: string): Record<string, string> {
  const seconds = RETRY_AFTER_S.get(code);
  return seconds === undefined ? {} : { 'Retry-After': String(seconds) };
}

/** Turns an error of accounts, session, threads or desktop into an answer. Returns undefined for other errors. */
export function innerProblem(error: unknown): Problem | undefined {
  if (error instanceof AccountsError) {
    const { code, message, errors } = error;
    const status = STATUSES.get(code) ?? 400;
    const title = ACCOUNT_ERRORS[code];
    const options = { cause: error, headers: headersOf(code), ...(errors.length > 0 && { errors }) };
    // The message of a fault of the server may have a path in it.
    return new Problem(code, { status, title }, status < 500 ? message : title, options);
  }
  if (error instanceof SessionError) {
    const status = STATUSES.get(error.code) ?? 400;
    return new Problem(error.code, { status, title: SESSION_ERRORS[error.code] }, error.message, {
      cause: error,
      headers: headersOf(error.code),
    });
  }
  if (error instanceof ThreadError && STATUSES.has(error.code)) {
    const status = STATUSES.get(error.code)!;
    const headers = headersOf(error.code);
    return new Problem(error.code, { status, title: THREAD_ERRORS[error.code] }, undefined, {
      cause: error,
      headers,
    });
  }
  if (error instanceof DesktopError) {
    // The desktop may come back. Until then callers cannot use it.
    const status = STATUSES.get(error.code) ?? 503;
    return new Problem(error.code, { status, title: DESKTOP_ERRORS[error.code] }, undefined, {
      cause: error,
    });
  }
  return undefined;
}
