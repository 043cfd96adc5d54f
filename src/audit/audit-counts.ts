import type { Audit, AuditEntry } from './audit.ts';

/**
 * Kinds of entries that are counted. Calls and codes come from tables, so that there are some hundreds. A larger number
 * lets a mistake in that take more memory.
 */
export const MOST_KINDS = 1000;

/** Entries that are alike. */
export interface EntryCount {
  /** The call, such as `GET /api/get_users`. */
  readonly what: string;
  /** Why it was refused. Empty if it was not. */
  readonly code: string;
  count: number;
}

/** Counts calls of the API and refused logins on their way to the audit trail. */
export class AuditCounts implements Audit {
  readonly #next: Audit;
  readonly #calls = new Map<string, EntryCount>();
  readonly #refusedLogins = new Map<string, EntryCount>();

  constructor(next: Audit) {
    this.#next = next;
  }

  get calls(): Iterable<Readonly<EntryCount>> {
    return this.#calls.values();
  }

  /** By code alone: `what` is empty. */
  get refusedLogins(): Iterable<Readonly<EntryCount>> {
    return this.#refusedLogins.values();
  }

  record(entry: AuditEntry): void {
    const { door, outcome, what = '', code = '' } = entry;
    if (door === 'api') count(this.#calls, what, code);
    else if (door === 'login' && outcome === 'refused') count(this.#refusedLogins, '', code);
    this.#next.record(entry);
  }
}

function count(kinds: Map<string, EntryCount>, what: string, code: string): void {
  const key = `${what} ${code}`;
  const kind = kinds.get(key);
  if (kind) kind.count++;
  else if (kinds.size < MOST_KINDS) kinds.set(key, { what, code, count: 1 });
}
