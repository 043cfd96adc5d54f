import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { AccountsError } from './errors.ts';

/** The lock is held for one small write; whoever waits this long waits for a process that hangs. */
const PATIENCE_MS = 10_000;
/** Between two tries: short beside the fsync of a write, long beside a try, which takes 20 µs. */
const RETRY_MS = 5;

const SQLITE_BUSY = 5;

/**
 * Runs `work` while no other process, nor anyone else in this one, runs any under the same lock file.
 *
 * The lock is the kernel's (fcntl), which Node offers through SQLite alone: an empty database, locked by a transaction
 * that writes nothing. A process that dies, however it dies, lets go of it, so that there is no stale lock to
 * judge and no race about taking one over. The file stays, empty: removing it would part those who hold it
 * from those who make it anew.
 */
export async function withStoreLock<Result>(
  path: string,
  work: () => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  // Made here, because SQLite would make it readable for everybody.
  closeSync(openSync(path, 'a', 0o600));
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    await acquire(lock, path, signal);
    return await work();
  } finally {
    lock.close();
  }
}

async function acquire(lock: DatabaseSync, path: string, signal: AbortSignal | undefined): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    signal?.throwIfAborted();
    try {
      // There is nothing to roll back, so no journal is made. Both statements find the lock taken.
      lock.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE');
      return;
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() > giveUpAt) {
        const detail = `Another process has held the lock ${path} for ${PATIENCE_MS / 1000} s.`;
        throw new AccountsError('ACCOUNTS_STORE_LOCKED', detail, { cause: error });
      }
    }
    await sleep(RETRY_MS);
  }
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
