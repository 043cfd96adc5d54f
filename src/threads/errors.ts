/** Why a job on another thread was not done, by code. */
export const THREAD_ERRORS = {
  THREAD_NOT_STARTED: 'The system has no file descriptor, memory or process id for another thread.',
  THREAD_LOST: 'A thread ended or hung while it worked on this.',
  THREADS_CLOSED: 'The threads that do this work have been closed.',
} as const;

export type ThreadErrorCode = keyof typeof THREAD_ERRORS;

export class ThreadError extends Error {
  override readonly name = 'ThreadError';
  readonly code: ThreadErrorCode;

  constructor(code: ThreadErrorCode, options?: ErrorOptions) {
    super(THREAD_ERRORS[code], options);
    this.code = code;
  }
}
