import { constants } from 'node:fs';
import { chmod, chown, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DesktopError } from '../../errors.ts';
import type { DesktopUser } from './desktop-user.ts';

/** Name that Xvfb gives the file. */
const FILE = 'Xvfb_screen0';

/**
 * The folder into which Xvfb writes its framebuffer. If Xvfb runs as another user, the folder belongs to that user only
 * until Xvfb has opened the file. Then folder and file become the server's own: programs of the desktop can neither
 * read the file nor cut it short, which would end the server that has mapped it. Xvfb keeps what it has opened.
 */
export class FramebufferFolder {
  readonly #dir: string;
  readonly #user: DesktopUser | undefined;
  #path: string;
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

  get file(): string {
    return join(this.#path, FILE);
  }

  /** To be called before each start of Xvfb: makes the folder, and removes the file of the former start. */
  async give(): Promise<void> {
    if (!this.#user) return;
    if (this.#starts > 0) await rm(this.file, { force: true });
    // Each time a new one: the former user of a folder may still have it open.
    this.#path = join(this.#dir, `pixels-${++this.#starts}`);
    await mkdir(this.#path, { mode: 0o700 });
    await chown(this.#path, this.#user.uid, this.#user.gid);
  }

  /** To be called when Xvfb has opened the file. Rejects if the file is not Xvfb's own, but was put there instead. */
  async take(): Promise<void> {
    if (!this.#user) return;
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
}
