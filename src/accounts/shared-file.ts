import {
  type BigIntStats,
  type FSWatcher,
  mkdirSync,
  realpathSync,
  type Stats,
  statSync,
  watch,
} from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileVersion } from '../common/file-version.ts';
import { isMountPoint } from '../common/mount-point.ts';
import { type FoundFile, readRegularFile } from '../common/read-regular-file.ts';
import { writeFileAtomically } from '../common/write-file-atomically.ts';
import { AccountsError } from './errors.ts';
import { withStoreLock } from './store-lock.ts';
import { judgeFile, judgeFolder } from './store-permissions.ts';

/**
 * Milliseconds between two looks at the file where no notice of changes arrives: on network file systems, without a
 * free inotify watch, or after the folder was replaced. A larger value lets a removed user stay connected for longer
 * there; a smaller one takes more of an idle processor.
 */
const LOOK_MS = 1000;

/**
 * Milliseconds before a file is read again that could not be read, for example because no descriptor was free. A larger
 * value delays changes after such a failure; a smaller one makes requests slower during it.
 */
const RETRY_MS = 1000;

/** What is wrong with a file that is mounted by itself, as the rest of a sentence. */
const MOUNTED = 'is mounted by itself, so that it cannot be replaced; mount the folder that it is in instead';

/** The reason why the newest version of the file is not in use. */
interface Fault {
  readonly version: string;
  readonly error: AccountsError;
  readonly retryAtMs: number;
}

/** What a shared file has in it. */
export interface FileContents<State> {
  readonly fileName: string;
  /** Such as `user file`, for messages. */
  readonly called: string;
  /** Whether faults of the folder are reported, too. Of the files that share a folder, one does that. */
  readonly judgesFolder: boolean;
  /** State of a missing file. */
  readonly empty: State;
  /** Bytes of the file. */
  readonly maxBytes: number;
  format(state: State): string;
  /** Throws ACCOUNTS_STORE_BROKEN with the place of the fault. */
  parse(text: string, path: string): State;
}

export interface SharedFileOptions<State> {
  /** Created, accessible only to its owner, if it is missing. */
  readonly folder: string;
  /** Called after each change of the state, by any process. Runs before a call that made the change returns. */
  readonly onChange: (before: State, after: State) => void;
  /**
   * Called once if the file can no longer be used, such as one that is broken, and again if the reason changes. The
   * store keeps the last good state.
   */
  readonly onProblem: (error: unknown) => void;
  /** Called when the file can be used again. */
  readonly onRecovery?: () => void;
  /** Called with permissions that should be stricter, once for each set of them. */
  readonly onWarning?: (warning: string) => void;
}

/**
 * Keeps a state in one file that several processes read and write. Each writer takes the lock and reads the file again
 * first, so that no write of another is lost.
 */
export class SharedFile<State> {
  readonly #path: string;
  readonly #contents: FileContents<State>;
  readonly #options: SharedFileOptions<State>;
  #state: State;
  /** Version of the file that `#state` was read from. A file that was renamed into place has another inode. */
  #version: string;
  #fault: Fault | undefined;
  /** Message of the last problem that was reported. Undefined while the file can be used. */
  #reported: string | undefined;
  /** Warnings that were reported last. */
  #warned = '';
  readonly #looks: NodeJS.Timeout;
  #isLooking = false;
  #watcher: FSWatcher | undefined;
  #lastWrite: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** Throws ACCOUNTS_STORE_BROKEN, _UNREADABLE or _UNSAFE, or _UNWRITABLE if the folder cannot be created. */
  constructor(contents: FileContents<State>, options: SharedFileOptions<State>) {
    this.#contents = contents;
    this.#options = options;
    this.#path = join(options.folder, contents.fileName);
    try {
      mkdirSync(options.folder, { recursive: true, mode: 0o700 });
    } catch (cause) {
      const detail = `The data folder ${options.folder} cannot be made: ${reason(cause)}.`;
      throw new AccountsError('ACCOUNTS_STORE_UNWRITABLE', detail, { cause });
    }
    this.#version = this.#currentVersion();
    this.#state = this.#read();
    this.#watch();
    this.#looks = setInterval(() => void this.#look(), LOOK_MS).unref();
  }

  get state(): State {
    return this.#state;
  }

  /** Reads the file again if another process wrote it. Costs one stat if nothing changed. */
  refresh(): void {
    if (this.#closed) return;
    try {
      this.#reread();
    } catch (error) {
      this.#report(error);
      return;
    }
    if (this.#reported === undefined) return;
    this.#reported = undefined;
    this.#options.onRecovery?.();
  }

  /**
   * Replaces the newest state by the result of `change`. Nothing changes if `change` throws, or if `signal` aborts
   * before the file is replaced. Writes of one process happen in the order of their calls.
   */
  update(change: (state: State) => State, signal?: AbortSignal): Promise<void> {
    const write = this.#lastWrite.then(() => this.#update(change, signal));
    this.#lastWrite = write.catch(() => {});
    return write;
  }

  /** Waits for writes in progress, then stops watching the file. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#looks);
    this.#watcher?.close();
    await this.#lastWrite;
  }

  async #update(change: (state: State) => State, signal?: AbortSignal): Promise<void> {
    if (this.#closed) throw new AccountsError('ACCOUNTS_CLOSED');
    try {
      await withStoreLock(
        `${this.#path}.lock`,
        async () => {
          this.#reread();
          const next = change(this.#state);
          if (next === this.#state) return;
          const text = this.#contents.format(next);
          if (Buffer.byteLength(text) > this.#contents.maxBytes)
            throw new AccountsError('ACCOUNTS_STORE_FULL');
          await writeFileAtomically(this.#path, text, {
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
      const detail = `The ${this.#contents.called} ${this.#path} cannot be written: ${reason(cause)}.`;
      const isMounted = cause instanceof Error && 'code' in cause && cause.code === 'EBUSY';
      const code = isMounted ? 'ACCOUNTS_STORE_MOUNTED' : 'ACCOUNTS_STORE_UNWRITABLE';
      throw new AccountsError(code, detail, { cause });
    }
  }

  /** Throws the same error, without reading the file again, until the file that cannot be used has changed. */
  #reread(): void {
    const version = this.#currentVersion();
    if (version === this.#version) {
      this.#fault = undefined;
      return;
    }
    if (this.#fault?.version === version && performance.now() < this.#fault.retryAtMs)
      throw this.#fault.error;
    let next: State;
    try {
      next = this.#read();
    } catch (error) {
      if (error instanceof AccountsError) {
        const isLasting = error.code !== 'ACCOUNTS_STORE_UNREADABLE';
        this.#fault = { version, error, retryAtMs: isLasting ? Infinity : performance.now() + RETRY_MS };
      }
      throw error;
    }
    this.#fault = undefined;
    this.#adopt(next, version);
  }

  #report(error: unknown): void {
    const message = reason(error);
    if (message === this.#reported) return;
    this.#reported = message;
    this.#options.onProblem(error);
  }

  #adopt(next: State, version: string): void {
    const before = this.#state;
    this.#state = next;
    this.#version = version;
    this.#options.onChange(before, next);
  }

  #read(): State {
    const { called, empty, maxBytes, parse } = this.#contents;
    const broken = (what: string) => brokenFile(called, this.#path, what);
    let found: FoundFile;
    try {
      found = readRegularFile(this.#path, maxBytes);
    } catch (cause) {
      if (!isMissing(cause)) throw this.#unreadable(cause);
      this.#judge(undefined);
      return empty;
    }
    if (found.kind === 'not-regular') throw broken('it is not a regular file');
    if (found.kind === 'too-large') throw broken(`it has more than ${maxBytes} bytes`);
    this.#judge(found.stats);
    return parse(found.text, this.#path);
  }

  /** Throws ACCOUNTS_STORE_UNSAFE if another user could have written the file. Reports lesser faults. */
  #judge(file: BigIntStats | undefined): void {
    const ourUid = process.geteuid?.() ?? 0;
    const { folder, onWarning } = this.#options;
    const place = this.#folderStats();
    const warnings: string[] = [];
    const ofFolder = judgeFolder(place, ourUid);
    if (ofFolder !== undefined && this.#contents.judgesFolder) warnings.push(`${folder} ${ofFolder}.`);
    if (file !== undefined) {
      const fault = judgeFile({ uid: Number(file.uid), mode: Number(file.mode) }, place, ourUid);
      const text = fault && `${this.#path} ${fault.what}.`;
      if (fault?.isRefused) throw new AccountsError('ACCOUNTS_STORE_UNSAFE', text);
      if (text !== undefined) warnings.push(text);
      if (isMountPoint(realpathSync(this.#path))) warnings.push(`${this.#path} ${MOUNTED}.`);
    }
    const all = warnings.join(' ');
    if (all !== this.#warned && all !== '') onWarning?.(all);
    this.#warned = all;
  }

  #folderStats(): Stats {
    try {
      return statSync(this.#options.folder);
    } catch (cause) {
      throw this.#unreadable(cause);
    }
  }

  #unreadable(cause: unknown): AccountsError {
    const detail = `The ${this.#contents.called} ${this.#path} cannot be read: ${reason(cause)}.`;
    return new AccountsError('ACCOUNTS_STORE_UNREADABLE', detail, { cause });
  }

  /** Called before the file is read, so that a change in between counts as one more change and is not missed. */
  #currentVersion(): string {
    try {
      return versionOf(statSync(this.#path, { bigint: true, throwIfNoEntry: false }));
    } catch (cause) {
      throw this.#unreadable(cause);
    }
  }

  /** Looks whether the file has changed, without holding up the main thread if its disk is slow. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const version = await stat(this.#path, { bigint: true }).then(versionOf, (error: unknown) =>
      isMissing(error) ? versionOf(undefined) : undefined,
    );
    this.#isLooking = false;
    // A fault may have a time at which the file is read again.
    if (version !== this.#version || this.#fault !== undefined) this.refresh();
  }

  /** Watches the folder instead of the file, because a rename puts another file in its place. */
  #watch(): void {
    try {
      this.#watcher = watch(this.#options.folder, { persistent: false }, (_event, fileName) => {
        if (fileName === null || fileName === this.#contents.fileName) this.refresh();
      });
      this.#watcher.on('error', (error) => this.#options.onProblem(error));
    } catch (error) {
      // The system has no inotify watch left, or the file system has none. The next look notices changes.
      this.#options.onProblem(error);
    }
  }
}

/** Makes the error for a file that cannot be used. */
export function brokenFile(called: string, path: string, what: string, cause?: unknown): AccountsError {
  const remedy = 'It was not changed. Repair it, or move it away to start without it.';
  const detail = `The ${called} ${path} is broken: ${what}. ${remedy}`;
  return new AccountsError('ACCOUNTS_STORE_BROKEN', detail, { cause });
}

const versionOf = (stats: BigIntStats | undefined): string =>
  stats === undefined ? 'none' : fileVersion(stats);

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
