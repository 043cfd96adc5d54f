/** Messages of a desktop's errors, by code. docs/errors.md lists the same. */
export const DESKTOP_ERRORS = {
  DESKTOP_CLOSED: 'the desktop was closed',
  DESKTOP_LOST: 'the X server went away',
  DESKTOP_GAVE_UP: 'the X server keeps ending; it is started again when a client asks for it',
  DESKTOP_NO_XVFB:
    'Xvfb is not installed; on Debian or Ubuntu: sudo apt-get install xvfb openbox xterm fonts-dejavu-core',
  DESKTOP_XVFB_FAILED: 'Xvfb did not start',
  DESKTOP_NO_USER: 'there is no such Unix user to run the desktop as',
  DESKTOP_USER_DENIED: 'only a server started by root can run the desktop as another Unix user',
  DESKTOP_NO_SETPRIV:
    'setpriv, which runs the desktop as another Unix user, is not installed; it is in the Debian package util-linux',
  DESKTOP_NO_SPACE: 'no tmpfs has room for the framebuffer; enlarge /dev/shm or choose a smaller --max-size',
  DESKTOP_NO_SOCKETS: 'the X server has no place for its lock file and its socket',
  DESKTOP_TOO_LARGE: 'no desktop can have that many pixels',
  DESKTOP_MONITORS: 'the display has several monitors, whose layout a new size would end',
  DESKTOP_NO_DISPLAY: 'there is no such X display, or it refuses us',
  DESKTOP_NO_EXTENSION: 'the X server lacks an extension that is needed',
  DESKTOP_BAD_DEPTH: 'only displays of 24 bits of colour in 32-bit little-endian pixels are supported',
  DESKTOP_X_ERROR: 'the X server refused a request',
  DESKTOP_BUSY: 'a capture is under way',
  DESKTOP_CAPTURE_FAILED: 'the screen cannot be captured at the moment',
  DESKTOP_TIMEOUT: 'the desktop did not answer in time',
} as const;

export type DesktopErrorCode = keyof typeof DESKTOP_ERRORS;

/** An error of a desktop. Callers test its `code`, never its message. */
export class DesktopError extends Error {
  readonly code: DesktopErrorCode;
  /** Part of the message that belongs to this one error. */
  readonly detail: string | undefined;

  constructor(code: DesktopErrorCode, detail?: string, options?: ErrorOptions) {
    super(detail ? `${DESKTOP_ERRORS[code]}: ${detail}` : DESKTOP_ERRORS[code], options);
    this.name = 'DesktopError';
    this.code = code;
    this.detail = detail;
  }
}
