import { closeSync, constants, fchmodSync } from 'node:fs';
import { chmod, chown, mkdir, open, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createMemoryFile, sealLength } from '../../../common/process-memory.ts';
import { DesktopError } from '../../errors.ts';
import type { DesktopUser } from './desktop-user.ts';

/** Name that Xvfb gives the file. */
const FILE = 'Xvfb_screen0';

/** The file in memory, as Xvfb opens it: the first descriptor that it inherits beside its own four. */
const INHERITED = '/proc/self/fd/4';

/**
 * The folder into which Xvfb writes its framebuffer.
 *
 * If Xvfb runs as another user, that user's programs shall neither read the file nor cut it short: the server has
 * mapped it, and reading behind its end would end the server. Programs can trace Xvfb and use what it has opened. So
 * the file is one in memory, which Xvfb inherits and opens through a link in the folder. Then the file becomes
 * the server's own, and its length is sealed for all who have it open.
 *
 * Where the C library cannot be called, the server maps no files, and the file is an ordinary one. The folder belongs
 * to the user only until Xvfb has opened it. Then folder and file become the server's own.
 */
export class FramebufferFolder {
  readonly #dir: string;
  readonly #user: DesktopUser | undefined;
  #path: string;
  /** The file in memory. */
  #descriptor: number | undefined;
  #starts = 0;

  /** `dir` is the runtime folder. */
  constructor(dir: string, user: DesktopUser | undefined) {
    this.#dir = dir;
    this.#user = user;
    this.#path = dir;
  }

  get path(): string {
    return this.#path;
  }

  /** The file, as this process can open it. */
  get file(): string {
    return this.#descriptor === undefined ? join(this.#path, FILE) : `/proc/self/fd/${this.#descriptor}`;
  }

  /** What Xvfb must inherit as descriptor 4; undefined if nothing. */
  get descriptor(): number | undefined {
    return this.#descriptor;
  }

  /** To be called before each start of Xvfb: makes the folder, and removes the file of the former start. */
  async give(): Promise<void> {
    if (!this.#user) return;
    if (this.#starts > 0) await rm(join(this.#path, FILE), { force: true });
    this.close();
    // Each time a new one: the former user of a folder may still have it open.
    this.#path = join(this.#dir, `pixels-${++this.#starts}`);
    await mkdir(this.#path, { mode: 0o700 });
    this.#descriptor = createMemoryFile(FILE);
    if (this.#descriptor === undefined) {
      await chown(this.#path, this.#user.uid, this.#user.gid);
      return;
    }
    await symlink(INHERITED, join(this.#path, FILE));
    await chmod(this.#path, 0o711);
    // Xvfb opens it as that user. No other process can reach it yet.
    fchmodSync(this.#descriptor, 0o666);
  }

  /** To be called when Xvfb has opened the file. Rejects if the file is not Xvfb's own, but was put there instead. */
  async take(): Promise<void> {
    if (!this.#user) return;
    if (this.#descriptor !== undefined) {
      fchmodSync(this.#descriptor, 0o600);
      if (!sealLength(this.#descriptor))
        throw new DesktopError('DESKTOP_XVFB_FAILED', 'the length of its framebuffer cannot be sealed');
      return;
    }
    // From here on, nothing in the folder changes.
    await chown(this.#path, 0, 0);
    await chmod(this.#path, 0o700);
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    const handle = await open(this.file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const stats = await handle.stat();
      if (!stats.isFile() || stats.uid !== this.#user.uid || stats.nlink !== 1)
        throw new DesktopError('DESKTOP_XVFB_FAILED', 'its framebuffer is not its own file');
      await handle.chown(0, 0);
      await handle.chmod(0o600);
    } finally {
      await handle.close();
    }
  }

  /** Closes the file in memory. */
  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}
