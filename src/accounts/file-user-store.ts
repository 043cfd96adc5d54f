import { type FSWatcher, mkdirSync, readFileSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '../common/write-file-atomically.ts';
import { AccountsError } from './errors.ts';
import { formatStore, parseStore } from './store-file.ts';
import { withStoreLock } from './store-lock.ts';
import { EMPTY_STATE, type StoreState } from './store-state.ts';

const FILE_NAME = 'users.json';

export interface FileUserStoreOptions {
  /** Made, for its owner alone, where it is missing. */
  readonly folder: string;
  /** Called after every change of the state, whoever made it, before the call that made it returns. */
  readonly onChange: (before: StoreState, after: StoreState) => void;
  /** Called when the file cannot be followed any more: broken by hand, unreadable. The last good state stays. */
  readonly onProblem: (error: unknown) => void;
}

/**
 * The users of a folder, in one file that several processes read and write. Every writer takes the lock and reads the
 * file again first, so that nothing that another wrote is lost.
 */
export class FileUserStore {
  readonly #path: string;
  readonly #options: FileUserStoreOptions;
  #state: StoreState;
  /** Which version of the file `#state` is; a file that was renamed into place is another inode. */
  #version: string;
  #watcher: FSWatcher | undefined;
  #lastWrite: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** Throws ACCOUNTS_STORE_BROKEN, _UNREADABLE or _UNWRITABLE (the folder cannot be made). */
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

  /** Takes over what another process wrote. Costs one stat where nothing changed. */
  refresh(): void {
    if (this.#closed) return;
    try {
      this.#reread();
    } catch (error) {
      this.#options.onProblem(error);
    }
  }

  /**
   * Replaces the state by what `change` makes of the newest one. `change` may throw, and `signal` may abort until the
   * moment the file is replaced: then nothing has changed. Writes of one process happen in the order of their calls.
   */
  update(change: (state: StoreState) => StoreState, signal?: AbortSignal): Promise<void> {
    const write = this.#lastWrite.then(() => this.#update(change, signal));
    this.#lastWrite = write.catch(() => {});
    return write;
  }

  /** Waits for writes under way, then stops following the file. */
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
          // The watcher may have been faster.
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

  /** Taken before the file is read: a change in between is seen as one more change, never missed. */
  #currentVersion(): string {
    try {
      const now = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
      return now === undefined ? 'none' : `${now.dev}:${now.ino}:${now.size}:${now.mtimeNs}:${now.ctimeNs}`;
    } catch (cause) {
      throw this.#unreadable(cause);
    }
  }

  /** The folder is watched, not the file: a rename puts another file under its name. */
  #watch(): void {
    try {
      this.#watcher = watch(this.#options.folder, { persistent: false }, (_event, fileName) => {
        if (fileName === null || fileName === FILE_NAME) this.refresh();
      });
      this.#watcher.on('error', (error) => this.#options.onProblem(error));
    } catch (error) {
      // Out of inotify watches, or a file system without them: changes are then noticed at the next login or write.
      this.#options.onProblem(error);
    }
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
