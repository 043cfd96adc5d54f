import { join } from 'node:path';
import type { Audit, AuditEntry, NamedUser } from './audit.ts';
import { AuditFile } from './audit-file.ts';
import { AuditTrail } from './audit-trail.ts';

/** Time between two looks at counts that are due. Larger writes them later, smaller wakes the process more often. */
const TICK_MS = 10_000;

const DEFAULT_NAME = 'audit.jsonl';

export interface AuditOptions {
  /** Undefined: a file in the data folder. */
  readonly auditLog: string | undefined;
  /** The data folder. */
  readonly data: string;
  /** Called when lines can no longer be written. */
  readonly onProblem: (error: unknown) => void;
}

/** An open audit trail. */
export interface OpenAudit extends Audit {
  /** Writes what waits and closes the file. Afterwards nothing is recorded. */
  close(): Promise<void>;
}

/**
 * Opens the audit trail. Rejects with AuditError AUDIT_UNWRITABLE if a file was named that cannot be written. The
 * default file may fail, because a data folder that is read-only must not keep the server from starting.
 */
export async function openAudit({ auditLog, data, onProblem }: AuditOptions): Promise<OpenAudit> {
  const file = new AuditFile({ path: auditLog ?? join(data, DEFAULT_NAME), onProblem });
  try {
    await file.check();
  } catch (error) {
    if (auditLog !== undefined) throw error;
    onProblem(error);
  }
  const trail = new AuditTrail({
    append: (line) => file.append(line),
    nowMs: () => performance.now(),
    date: () => new Date(),
  });
  const ticks = setInterval(() => trail.tick(), TICK_MS).unref();
  return {
    record: (entry) => trail.record(entry),
    close: () => {
      clearInterval(ticks);
      trail.close();
      return file.close();
    },
  };
}

/** A change to one user, as accounts report it. */
interface Changed {
  readonly name: string;
  readonly user: { readonly read: boolean; readonly write: boolean; readonly owner: boolean } | undefined;
  readonly passwordChanged: boolean;
}

/** The entry for users that have changed: their rights from now on. */
export function usersChanged(changes: readonly Changed[]): AuditEntry {
  const users = changes.map(({ name, user, passwordChanged }): NamedUser => {
    if (user === undefined) return { user: name, removed: true };
    const { read, write, owner } = user;
    return { user: name, read, write, owner, ...(passwordChanged && { password: true }) };
  });
  return { door: 'users', outcome: 'done', users };
}
