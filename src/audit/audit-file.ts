import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AuditError } from './errors.ts';

/**
 * Size at which the server itself moves the file to `FILE.old`, over the one before. Larger takes more of the disk, up
 * to twice this; smaller keeps less of the past where no logrotate does.
 */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;
/** Bytes that wait for the disk. Larger takes more memory while a disk hangs or is full; smaller loses lines sooner. */
export const MAX_WAITING_BYTES = 4 * 1024 * 1024;
/** Pause after a failed write. Longer leaves lines in memory; shorter tries a full disk more often. */
const RETRY_MS = 2_000;
/** Time in which `close` waits for the last write. Longer delays the end of the server behind a disk that hangs. */
const CLOSE_LIMIT_MS = 1_000;

/** Appends only. No link is followed, and a FIFO without a reader does not block. */
const FLAGS =
  constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** Only the server's account may read who logged in from where. */
const MODE = 0o600;
/** Permission bits with which others could forge or remove lines. */
const OTHERS_WRITE = 0o022;
/** In the name of a file that the server moved aside. logrotate's names end with a number or a date. */
const MOVED_SUFFIX = '.old';

const LINE_BREAK = 0x0a;

export interface AuditFileOptions {
  readonly path: string;
  /** Called once when writing or moving the file aside begins to fail, and again after it has worked in between. */
  readonly onProblem: (error: unknown) => void;
  /** By default RETRY_MS. */
  readonly retryMs?: number;
}

/**
 * A file to which lines are appended. Another program may rename or truncate it at any time: before each write the
 * file is looked up by its name, and opened again if the name leads to another file. Several processes may append to
 * the same file.
 */
export class AuditFile {
  readonly #options: AuditFileOptions;
  readonly #closing = new AbortController();
  #file: FileHandle | undefined;
  #lines: string[] = [];
  /** Taken from `#lines` for the write in progress. */
  #writing = Buffer.alloc(0);
  #waitingBytes = 0;
  /** The last write ended within a line. */
  #isTorn = false;
  #isFailing = false;
  /** The file has reached its limit and cannot be moved aside. */
  #isStuck = false;
  #loop: Promise<void> | undefined;
  #ended: Promise<void> | undefined;

  constructor(options: AuditFileOptions) {
    this.#options = options;
  }

  /** Opens the file. Rejects with AuditError AUDIT_UNWRITABLE if that fails; the first line then tries again. */
  async check(): Promise<void> {
    try {
      await this.#current();
    } catch (cause) {
      this.#isFailing = true;
      const message = `cannot write the audit trail ${this.#options.path}: ${(cause as Error).message}`;
      throw new AuditError('AUDIT_UNWRITABLE', message, { cause });
    }
  }

  /** Takes a line with its line break. Returns false, and drops the line, if too many bytes wait, or after `close`. */
  append(line: string): boolean {
    const bytes = Buffer.byteLength(line);
    if (this.#ended !== undefined || this.#waitingBytes + bytes > MAX_WAITING_BYTES) return false;
    this.#waitingBytes += bytes;
    this.#lines.push(line);
    this.#loop ??= this.#writeAll();
    return true;
  }

  /** Writes what waits, and closes the file. Gives up after CLOSE_LIMIT_MS. */
  close(): Promise<void> {
    this.#ended ??= this.#close();
    return this.#ended;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    const written = (this.#loop ?? Promise.resolve()).then(() => this.#file?.close());
    await Promise.race([written, sleep(CLOSE_LIMIT_MS, undefined, { ref: false })]);
  }

  async #writeAll(): Promise<void> {
    while (this.#waitingBytes > 0) {
      try {
        await this.#write();
        this.#isFailing = false;
      } catch (error) {
        if (!this.#isFailing) this.#options.onProblem(error);
        this.#isFailing = true;
        if (this.#ended !== undefined) break;
        await this.#pause();
      }
    }
    this.#loop = undefined;
  }

  async #write(): Promise<void> {
    const file = await this.#current();
    if (this.#writing.length === 0) {
      this.#writing = Buffer.from(this.#lines.join(''));
      this.#lines = [];
    }
    const bytes = this.#isTorn ? Buffer.concat([Buffer.of(LINE_BREAK), this.#writing]) : this.#writing;
    let at = 0;
    try {
      while (at < bytes.length) at += (await file.write(bytes, at)).bytesWritten;
    } finally {
      // A line of which only a part was written is written again, on a line of its own.
      const written = bytes.subarray(0, at);
      const whole = written.lastIndexOf(LINE_BREAK) + 1;
      this.#isTorn = at === 0 ? this.#isTorn : at > whole;
      this.#writing = at === 0 ? this.#writing : bytes.subarray(whole);
      this.#waitingBytes =
        this.#writing.length + this.#lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
    }
  }

  async #pause(): Promise<void> {
    const { retryMs = RETRY_MS } = this.#options;
    await sleep(retryMs, undefined, { signal: this.#closing.signal, ref: false }).catch(() => undefined);
  }

  /** The file that the name leads to now. */
  async #current(): Promise<FileHandle> {
    const { path } = this.#options;
    let there = await statOf(path);
    if (there?.isFile() && there.size >= MAX_FILE_BYTES && (await this.#moveAside())) there = undefined;
    const file = this.#file;
    if (file !== undefined) {
      if (there !== undefined && (await isSame(file, there))) return file;
      this.#file = undefined;
      this.#isTorn = false;
      // What an earlier write has lost is not written again.
      await file.close().catch(() => undefined);
    }
    this.#file = await openToAppend(path);
    return this.#file;
  }

  /** Returns whether it could. In a folder such as /var/log, the server may write its file but not rename it. */
  async #moveAside(): Promise<boolean> {
    const { path, onProblem } = this.#options;
    try {
      await rename(path, `${path}${MOVED_SUFFIX}`);
      this.#isStuck = false;
      return true;
    } catch (error) {
      if (!this.#isStuck) onProblem(error);
      this.#isStuck = true;
      return false;
    }
  }
}

/** Whether a file that was opened before is the one that a name leads to now. */
async function isSame(file: FileHandle, there: Stats): Promise<boolean> {
  // A file of a network file system may be gone behind its handle.
  const stats = await file.stat().catch(() => undefined);
  return stats?.ino === there.ino && stats.dev === there.dev;
}

async function openToAppend(path: string): Promise<FileHandle> {
  const file = await open(path, FLAGS, MODE);
  try {
    const stats = await file.stat();
    // /dev/null is allowed: it keeps no trail.
    if (stats.isCharacterDevice()) return file;
    const folder = await stat(dirname(path));
    const fault = faultOf(stats, folder, process.getuid?.() ?? 0);
    if (fault !== undefined) throw new Error(fault);
    await giveToFolderOwner(file, stats, folder);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

type FileFacts = Pick<Stats, 'uid' | 'mode' | 'nlink' | 'size'> & { isFile(): boolean };

/** The reason why a file is not used for the trail: another user could forge it, or has chosen what is written to. */
export function faultOf(file: FileFacts, folder: Pick<Stats, 'uid'>, ourUid: number): string | undefined {
  if (!file.isFile()) return 'it is not a regular file';
  if (file.nlink > 1) return 'it has a second name, which may be that of another file';
  // Root works on the folder of a server that runs as another user.
  const isOurs = file.uid === ourUid || file.uid === 0 || (ourUid === 0 && file.uid === folder.uid);
  if (!isOurs) return `it belongs to user ${file.uid}`;
  if (file.mode & OTHERS_WRITE) return 'other users can write it (chmod 600 corrects that)';
  return undefined;
}

/** Root may create the file of a server that runs as another user, by `deskwire user`. */
async function giveToFolderOwner(file: FileHandle, stats: Stats, folder: Stats): Promise<void> {
  if (process.getuid?.() !== 0 || stats.size > 0) return;
  const { uid, gid, mode } = folder;
  // In a folder such as /tmp or /var/log, its owner is not that of the server.
  const isPrivate = (mode & OTHERS_WRITE) === 0;
  if (uid !== 0 && isPrivate) await file.chown(uid, gid);
}

/** Facts of the file itself. A link at its name is none, and is refused when it is opened. */
async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
