/** Reasons that only the audit trail gives, and errors of its file. The codes are stable. */
export const AUDIT_ERRORS = {
  AUDIT_NO_WRITE: 'The viewer may not write, so its message was dropped.',
  AUDIT_NOT_OFFERED: 'The server has no such feature.',
  AUDIT_CLIPBOARD_OFF: 'The user’s rules let no content pass in this direction.',
  AUDIT_CLIPBOARD_SIZE: 'The content was larger than the user’s rules allow.',
  AUDIT_CLIPBOARD_TYPE: 'The user’s rules allow no content of this type.',
  AUDIT_CLIPBOARD_RATE: 'The content came too soon after the user’s last one.',
  AUDIT_KEYBOARD_OFF: 'The user’s rules allow no keyboard.',
  AUDIT_KEY_RATE: 'The user pressed more keys in a second than their rules allow.',
  AUDIT_CONCEALED: 'A button or the wheel was used in the concealed region.',
  AUDIT_BROKEN_OFF: 'The caller left before it had its answer. The call may have been carried out.',
  AUDIT_OMITTED: 'So many lines came that some were not written; `repeated` is their number.',
  AUDIT_LOST: 'Lines could not be written to the file; `repeated` is their number.',
  AUDIT_UNWRITABLE: 'The file of the audit trail cannot be written.',
} as const;

export type AuditErrorCode = keyof typeof AUDIT_ERRORS;

/** The file of the audit trail cannot be used. The message has the path. */
export class AuditError extends Error {
  readonly code: AuditErrorCode;

  constructor(code: AuditErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AuditError';
    this.code = code;
  }
}
