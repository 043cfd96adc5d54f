import type { AuditEntry } from './audit.ts';

/** Time for which entries like an earlier one are only counted. Longer means fewer lines, and later counts. */
export const REPEAT_WINDOW_MS = 10 * 60_000;

/**
 * Kinds of entries that are counted at the same time, about 500 bytes each. With more, a flood of different entries
 * takes more memory; with fewer, it ends windows sooner.
 */
export const MAX_KINDS = 1000;

/** Entries of one kind. */
export interface Repeat {
  readonly entry: AuditEntry;
  /** Entries after the first one. */
  count: number;
  readonly endsMs: number;
}

/** Counts entries that are alike, so that the trail has one line for a thousand equal calls. */
export class Repeats {
  /** By what makes two entries alike, oldest first. All windows have the same length, so that they end in this order. */
  readonly #kinds = new Map<string, Repeat>();

  /** Returns whether the entry is the first one of its kind. The others are counted. */
  isFirst(entry: AuditEntry, nowMs: number): boolean {
    const { door, outcome, code, user, pass, claims, address, what } = entry;
    const kind = JSON.stringify([door, outcome, code, user, pass, claims, address, what]);
    const known = this.#kinds.get(kind);
    if (known !== undefined) {
      known.count += 1;
      return false;
    }
    this.#kinds.set(kind, { entry, count: 0, endsMs: nowMs + REPEAT_WINDOW_MS });
    return true;
  }

  /** Takes the kinds whose window has ended, and the oldest ones beyond MAX_KINDS. */
  takeDue(nowMs: number): Repeat[] {
    const due: Repeat[] = [];
    for (const [kind, repeat] of this.#kinds) {
      if (repeat.endsMs > nowMs && this.#kinds.size <= MAX_KINDS) break;
      this.#kinds.delete(kind);
      due.push(repeat);
    }
    return due;
  }

  /** Takes all kinds. */
  takeAll(): Repeat[] {
    const all = [...this.#kinds.values()];
    this.#kinds.clear();
    return all;
  }
}
