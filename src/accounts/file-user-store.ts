import { type FSWatcher, mkdirSync, readFileSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '../common/write-file-atomically.ts';
import { AccountsError } from './errors.ts';
import { formatStore, parseStore } from './store-file.ts';
import { withStoreLock } from './store-lock.ts';
import { EMPTY_STATE, type StoreState } from './store-state.ts';

const FILE_NAME = 'users.json';

export interface FileUserStoreOptions {
  /** Created, accessible only to its owner, if it is missing. */
  readonly folder: string;
  /** Called after each change of the state, by any process. Runs before a call that made the change returns. */
  readonly onChange: (before: StoreState, after: StoreState) => void;
  /** Called if the file can no longer be read or is broken. The store keeps the last good state. */
  readonly onProblem: (error: unknown) => void;
}

/**
 * Stores the users in one file that several processes read and write. Each writer takes the lock and reads the file
 * again first, so that no write of another is lost.
 */
export class FileUserStore {
  readonly #path: string;
  readonly #options: FileUserStoreOptions;
  #state: StoreState;
  /** Version of the file that `#state` was read from. A file that was renamed into place has another inode. */
  #version: string;
  #watcher: FSWatcher | undefined;
  #lastWrite: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** Throws ACCOUNTS_STORE_BROKEN, _UNREADABLE, or _UNWRITABLE if the folder cannot be created. */
  constructor(options: FileUserStoreOptions) {
    this.#options = options;
    this.#path = join(options.folder, FILE_NAME);
    try {
      mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    } catch (cause) {
      const detail = `The data folder ${options.folder} cannot be made: ${reason(cause)}.`;
      throw new AccountsError('ACCOUNTS_STORE_UNWRITABLE', detail, { cause });
    }
    this.#version = this.#currentVersion();
    this.#state = this.#read();
    this.#watch();
  }

  get state(): StoreState {
    return this.#state;
  }

  /** Reads the file again if another process wrote it. Costs one stat if nothing changed. */
  refresh(): void {
    if (this.#closed) return;
    try {
      this.#reread();
    } catch (error) {
      this.#options.onProblem(error);
    }
  }

  /**
   * Replaces the newest state by the result of `change`. Nothing changes if `change` throws, or if `signal` aborts
   * before the file is replaced. Writes of one process happen in the order of their calls.
   */
  update(change: (state: StoreState) => StoreState, signal?: AbortSignal): Promise<void> {
    const write = this.#lastWrite.then(() => this.#update(change, signal));
    this.#lastWrite = write.catch(() => {});
    return write;
  }

  /** Waits for writes in progress, then stops watching the file. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#watcher?.close();
    await this.#lastWrite;
  }

  async #update(change: (state: StoreState) => StoreState, signal?: AbortSignal): Promise<void> {
    if (this.#closed) throw new AccountsError('ACCOUNTS_CLOSED');
    try {
      await withStoreLock(
        `${this.#path}.lock`,
        async () => {
          this.#reread();
          const next = change(this.#state);
          if (next === this.#state) return;
          await writeFileAtomically(this.#path, formatStore(next), {
            beforeRename: () => signal?.throwIfAborted(),
          });
          // The watcher may have read the file already.
          const version = this.#currentVersion();
          if (version !== this.#version) this.#adopt(next, version);
        },
        signal,
      );
    } catch (cause) {
      if (cause instanceof AccountsError || signal?.aborted) throw cause;
      const detail = `The user file ${this.#path} cannot be written: ${reason(cause)}.`;
      throw new AccountsError('ACCOUNTS_STORE_UNWRITABLE', detail, { cause });
    }
  }

  #reread(): void {
    const version = this.#currentVersion();
    if (version !== this.#version) this.#adopt(this.#read(), version);
  }

  #adopt(next: StoreState, version: string): void {
    const before = this.#state;
    this.#state = next;
    this.#version = version;
    this.#options.onChange(before, next);
  }

  #read(): StoreState {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (cause) {
      if (isMissing(cause)) return EMPTY_STATE;
      throw this.#unreadable(cause);
    }
    return parseStore(text, this.#path);
  }

  #unreadable(cause: unknown): AccountsError {
    const detail = `The user file ${this.#path} cannot be read: ${reason(cause)}.`;
    return new AccountsError('ACCOUNTS_STORE_UNREADABLE', detail, { cause });
  }

  /** Called before the file is read, so that a change in between counts as one more change and is not missed. */
  #currentVersion(): string {
    try {
      const now = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
      return now === undefined ? 'none' : `${now.dev}:${now.ino}:${now.size}:${now.mtimeNs}:${now.ctimeNs}`;
    } catch (cause) {
      throw this.#unreadable(cause);
    }
  }

  /** Watches the folder instead of the file, because a rename puts another file in its place. */
  #watch(): void {
    try {
      this.#watcher = watch(this.#options.folder, { persistent: false }, (_event, fileName) => {
        if (fileName === null || fileName === FILE_NAME) this.refresh();
      });
      this.#watcher.on('error', (error) => this.#options.onProblem(error));
    } catch (error) {
      // The system has no inotify watch left, or the file system has none. The next login or write notices changes.
      this.#options.onProblem(error);
    }
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
