/** Errors of a session, by code. docs/errors.md lists the same. */
export const SESSION_ERRORS = {
  SESSION_NO_SUCH_CLIENT: 'No connection has that id.',
  SESSION_BAD_CROP: 'The crop lies outside the screen.',
  SESSION_SCREENSHOTS_BUSY: 'Too many screenshots are waiting to be made.',
  SESSION_SCREENSHOT_FAILED: 'The screenshot could not be made.',
  SESSION_WATERMARK_IMAGE: 'The image of a watermark cannot be used.',
  SESSION_CLOSED: 'The session has ended.',
} as const;

export type SessionErrorCode = keyof typeof SESSION_ERRORS;

export class SessionError extends Error {
  override readonly name = 'SessionError';
  readonly code: SessionErrorCode;

  constructor(code: SessionErrorCode, detail?: string, options?: ErrorOptions) {
    super(detail ? `${SESSION_ERRORS[code]} ${detail}` : SESSION_ERRORS[code], options);
    this.code = code;
  }
}
