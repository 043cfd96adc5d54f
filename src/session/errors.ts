/** Errors of a session, by code. docs/errors.md lists the same. */
export const SESSION_ERRORS = {
  SESSION_NO_SUCH_CLIENT: 'No connection has that id.',
  SESSION_BAD_CROP: 'The crop lies outside the screen.',
  SESSION_SCREENSHOTS_BUSY: 'Too many screenshots are waiting to be made.',
  SESSION_SCREENSHOT_FAILED: 'The screenshot could not be made.',
  SESSION_WATERMARK_IMAGE: 'The image of a watermark cannot be used.',
  SESSION_NO_WRITE: 'This user may not write, and so has no clipboard here.',
  SESSION_CLIPBOARD_OFF: 'The user’s rules let no content pass in this direction.',
  SESSION_CLIPBOARD_SIZE: 'The content is larger than the user’s rules allow.',
  SESSION_CLIPBOARD_TYPE: 'The user’s rules allow no content of this type.',
  SESSION_CLIPBOARD_RATE: 'The content comes too soon after the user’s last one.',
  SESSION_EXCLUSIVE: 'Another user has this desktop, and it is for one viewer at a time.',
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
