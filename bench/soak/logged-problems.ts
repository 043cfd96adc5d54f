import type { RfbErrorCode } from '../../src/protocol/errors.ts';

/** Level of warnings: pino's numbers. */
const WARN = 40;

/** Codes of warnings about what a viewer did. */
const CAUSED_BY_VIEWERS: readonly (RfbErrorCode | undefined)[] = ['RFB_NOT_READING'];

/** Returns the lines of a server's log, and of what else it wrote to stderr, that no viewer caused. */
export function loggedProblems(stderr: string): string[] {
  return stderr.split('\n').filter((line) => {
    if (line === '') return false;
    try {
      const { level, code } = JSON.parse(line);
      return level > WARN || (level === WARN && !CAUSED_BY_VIEWERS.includes(code));
    } catch {
      // Node.js itself writes warnings and stacks as plain text.
      return true;
    }
  });
}
