import type { AuditEntry } from './audit.ts';

/**
 * Users on one line. With more, the line of a bulk call becomes longer than log collectors take (often 16 KiB); with
 * fewer, a bulk call of 1,000 users has more lines.
 */
const USERS_PER_LINE = 20;

/**
 * Characters that JSON leaves as they are, and that end a line or change what a terminal shows: control characters
 * beyond ASCII, line separators, and marks that turn or hide text. Names of users may have them.
 */
const DECEPTIVE = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/**
 * Formats an entry as lines of JSON, each with its line break: one line, or several if it names many users. `repeated`
 * is the number of further entries like it that have no line of their own.
 */
export function auditLines(entry: AuditEntry, date: Date, repeated = 0): string[] {
  const { door, outcome, code, user, pass, claims, address, connection, what, users = [] } = entry;
  const parts = Math.max(1, Math.ceil(users.length / USERS_PER_LINE));
  return Array.from({ length: parts }, (_, i) => {
    const part = users.slice(i * USERS_PER_LINE, (i + 1) * USERS_PER_LINE);
    // JSON.stringify leaves out undefined, and escapes line breaks.
    const line = JSON.stringify({
      time: date.toISOString(),
      door,
      outcome,
      ...{ code, user, pass, claims, address, connection, what },
      users: part.length > 0 ? part : undefined,
      repeated: repeated > 0 ? repeated : undefined,
    });
    return `${line.replace(DECEPTIVE, escaped)}\n`;
  });
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
