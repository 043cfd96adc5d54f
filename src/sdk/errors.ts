/** Every error code of the client library itself. Refused calls have the codes of the server. */
export const SDK_ERRORS = {
  SDK_OPTIONS_INVALID: { title: 'The options of the client, or what was given to a call, cannot be used.' },
  SDK_UNREACHABLE: { title: 'The server was not reached, or the connection broke.' },
  SDK_TIMED_OUT: { title: 'The server did not answer in time.' },
  SDK_ANSWER_INVALID: { title: 'The answer is none of this API. A proxy may have sent it.' },
} as const;

export type SdkErrorCode = keyof typeof SDK_ERRORS;

/** Why the server refused one entry of a list. */
export interface EntryError {
  /** Place in the list, from 0 on. */
  readonly index: number;
  readonly user?: string;
  readonly code: string;
  readonly detail: string;
}

interface Details extends ErrorOptions {
  /** HTTP status of the answer. */
  readonly status?: number | undefined;
  readonly errors?: readonly EntryError[];
  readonly retryAfterMs?: number | undefined;
}

/** A call that failed. Compare `code`, which stays the same from version to version; docs/errors.md lists all codes. */
export class DeskwireError extends Error {
  readonly code: string;
  /** HTTP status of the answer. Undefined if there was none. */
  readonly status: number | undefined;
  /** The faults of single entries, if the call had a list. */
  readonly errors: readonly EntryError[];
  /** How long the server asks to wait before the next attempt, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: string,
    message: string,
    { status, errors = [], retryAfterMs, ...options }: Details = {},
  ) {
    super(message, options);
    this.name = 'DeskwireError';
    this.code = code;
    this.status = status;
    this.errors = errors;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Makes an error of the library itself. `message` says what to do about it. */
export const sdkError = (code: SdkErrorCode, message: string, details?: Details): DeskwireError =>
  new DeskwireError(code, message, details);

/** Whether an error is a `DeskwireError` with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): error is DeskwireError {
  return error instanceof DeskwireError && codes.includes(error.code);
}
