import { closeSync, constants, fchownSync, fstatSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { AccountsError } from './errors.ts';

/** Time limit for getting the lock. It is held for one small write, so a process that holds it longer hangs. */
const PATIENCE_MS = 10_000;
/** Time between two tries. A try takes 20 µs, a write with its fsync a few ms. Larger delays writers. */
const RETRY_MS = 5;

const SQLITE_BUSY = 5;

/**
 * Runs `work` with an exclusive lock, across processes and within this one.
 *
 * The lock is one of the kernel (fcntl). Node offers it only through SQLite: an empty database, locked by a
 * transaction that writes nothing. The kernel releases it when a process dies, so that there are no stale locks. The
 * empty file stays, because a process that creates it again would not share the lock with one that holds the removed
 * file.
 */
export async function withStoreLock<Result>(
  path: string,
  work: () => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  prepare(path);
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    await acquire(lock, path, signal);
    return await work();
  } finally {
    lock.close();
  }
}

/**
 * Creates the file, because SQLite would make it readable for all users. Throws if something else is under its name: a
 * FIFO would be waited for, and a link could name any file.
 */
function prepare(path: string): void {
  const { O_WRONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;
  const file = openSync(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0o600);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new Error(`${path} is not a regular file`);
    // Root may work on the folder of a server that runs as another user. A file with a second name may be any file.
    if (process.geteuid?.() !== 0 || stats.uid !== 0 || stats.size > 0 || stats.nlink > 1) return;
    const { uid, gid } = statSync(dirname(path));
    if (uid !== 0) fchownSync(file, uid, gid);
  } finally {
    closeSync(file);
  }
}

async function acquire(lock: DatabaseSync, path: string, signal: AbortSignal | undefined): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    signal?.throwIfAborted();
    try {
      // Without a journal, because there is nothing to roll back. Both statements fail if the lock is taken.
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
