import type { RfbErrorCode } from '../../src/protocol/errors.ts';

/** Level of warnings: pino's numbers. */
const WARN = 40;

/** Codes of warnings about what a viewer did. */
const CAUSED_BY_VIEWERS: readonly (RfbErrorCode | undefined)[] = ['RFB_NOT_READING'];

/** Codes of what took too long. A machine that is busy with other programs brings that about. */
const LATE_CODES: readonly string[] = ['DESKTOP_TIMEOUT', 'SESSION_SCREENSHOT_FAILED', 'HTTP_OTHER_PROTOCOL'];
const TOO_LONG = /did not answer in time|took too long|after a long silence/;

/** Whether an answer or a line of the log says that something took too long. */
export const isLate = (code: string | undefined, text: string): boolean =>
  code !== undefined && LATE_CODES.includes(code) && TOO_LONG.test(text);

/**
 * Whether a caller's TLS began after the server had greeted it as a VNC viewer, which waits for the server. That takes
 * four seconds in which a busy machine keeps the caller from sending its first bytes.
 */
export const beganTooLate = ({ message }: Error): boolean => /EPROTO.*wrong version number/.test(message);

/** Returns the lines of a server's log, and of what else it wrote to stderr, that no viewer caused. */
export function loggedProblems(stderr: string): { readonly errors: string[]; readonly late: string[] } {
  const [errors, late]: [string[], string[]] = [[], []];
  for (const line of stderr.split('\n')) {
    if (line === '') continue;
    try {
      const { level, code, err } = JSON.parse(line);
      if (level < WARN || (level === WARN && CAUSED_BY_VIEWERS.includes(code))) continue;
      (isLate(err?.code ?? code, line) ? late : errors).push(line);
    } catch {
      // Node.js itself writes warnings and stacks as plain text.
      errors.push(line);
    }
  }
  return { errors, late };
}
