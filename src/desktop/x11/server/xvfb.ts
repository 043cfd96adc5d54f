import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { areaPx, type Size } from '../../../pixels/rect.ts';
import { BYTES_PER_PIXEL } from '../../../pixels/shared-frame.ts';
import { DesktopError } from '../../errors.ts';
import { writeAuthority } from './authority.ts';
import type { DesktopUser } from './desktop-user.ts';
import { FramebufferFolder } from './framebuffer-folder.ts';
import { Keeper } from './keeper.ts';
import { desktopEnvironment, launch } from './launch.ts';
import { exited } from './process-group.ts';
import { makeRuntimeDir } from './runtime-dir.ts';
import { prepareXSockets } from './x-sockets.ts';

/** Milliseconds that the server may take to end and remove its socket. Then it is killed, and the socket stays. */
const TERM_TIMEOUT_MS = 1000;

/** Milliseconds that the server may take to report its display number. Usual are 100; then it is killed. */
const START_TIMEOUT_MS = 15_000;

/** Characters kept of Xvfb's error output, for the error when it does not start. */
const STDERR_TAIL = 2000;

export interface XvfbOptions {
  readonly maxSize: Size;
  /** Whether programs can use OpenGL, drawn by the processor. */
  readonly gl?: boolean;
  /** The user that it runs as; undefined for the server's own. */
  readonly user?: DesktopUser | undefined;
}

/**
 * An X server without a screen, whose framebuffer is a file in memory. It has a cookie of its own and no TCP port.
 * After its end it can be started again, with the same display number if that is still free.
 */
export class Xvfb {
  /**
   * Folder of the framebuffer, the cookie and other files that live as long as the display. Only its user can read it.
   * If the display runs as another user than the server, that user can read its cookie and the files of its programs.
   */
  readonly dir: string;
  readonly cookie: Uint8Array = randomBytes(16);
  readonly #options: XvfbOptions;
  readonly #user: DesktopUser | undefined;
  readonly #pixels: FramebufferFolder;
  #keeper: Keeper | undefined;
  #child: ChildProcess | undefined;
  #number: number | undefined;
  #isClosed = false;

  static async start(options: XvfbOptions): Promise<Xvfb> {
    const { maxSize, user } = options;
    const dir = await makeRuntimeDir(areaPx(maxSize) * BYTES_PER_PIXEL, user !== undefined);
    const xvfb = new Xvfb(dir, options);
    try {
      await xvfb.#prepare();
      await xvfb.run();
      return xvfb;
    } catch (error) {
      await xvfb.close();
      throw error;
    }
  }

  private constructor(dir: string, options: XvfbOptions) {
    this.dir = dir;
    this.#options = options;
    this.#user = options.user;
    this.#pixels = new FramebufferFolder(dir, options.user);
  }

  async #prepare(): Promise<void> {
    prepareXSockets(this.#user);
    this.#keeper = Keeper.start(this.dir, this.#user);
    await writeAuthority(this.authority, undefined, this.cookie);
    if (!this.#user) return;
    // May be passed through, but not listed: each file in it says itself who may read it.
    await chmod(this.dir, 0o711);
    await chown(this.authority, this.#user.uid, this.#user.gid);
  }

  get display(): string {
    return `:${this.#number}`;
  }

  get authority(): string {
    return join(this.dir, 'Xauthority');
  }

  get framebuffer(): string {
    return this.#pixels.file;
  }

  /** Id of the server's process. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /**
   * Starts the server, on its former display number if it had one and that is still free. A former process that
   * still runs is killed.
   */
  async run(): Promise<void> {
    if (this.#isClosed) throw new DesktopError('DESKTOP_CLOSED');
    this.#child?.kill('SIGKILL');
    if (this.#child) await exited(this.#child);
    if (this.#number === undefined) return this.#start();
    try {
      await this.#start();
    } catch (error) {
      // Its number may be taken. It may also have failed for another reason, and still run.
      this.#child?.kill('SIGKILL');
      if (this.#child) await exited(this.#child);
      if (this.#isClosed) throw error;
      this.#number = undefined;
      await this.#start();
    }
  }

  /** Starts the server with the number it has, or with any that is free. */
  async #start(): Promise<void> {
    const { gl, maxSize } = this.#options;
    const { width, height } = maxSize;
    await this.#pixels.give();
    const child = launch(
      'Xvfb',
      [
        ...(this.#number === undefined ? [] : [this.display]),
        ...['-displayfd', '3'],
        ...['-screen', '0', `${width}x${height}x24`],
        ...['-fbdir', this.#pixels.path],
        ...['-auth', this.authority],
        ...['-nolisten', 'tcp'],
        // Keeps its state when the last client leaves.
        '-noreset',
        // Without this the pointer would be drawn into the framebuffer.
        '-nocursor',
        // Keys that are down repeat only when the viewer's keyboard repeats them.
        '-r',
        // Mesa draws OpenGL by the processor. Its libraries take 57 MB of the X server's memory: docs/memory.md.
        ...[gl ? '+extension' : '-extension', 'GLX'],
        // While one client draws without pause, others get their turn after 1 ms instead of 5.
        ...['-schedInterval', '1'],
        // No screen saver.
        ...['-s', '0'],
      ],
      // Its process group keeps a Ctrl+C in our terminal from ending it before us.
      {
        user: this.#user,
        env: desktopEnvironment(this.#user, this.dir),
        stdio: ['ignore', 'ignore', 'pipe', 'pipe', this.#pixels.descriptor ?? 'ignore'],
      },
    );
    this.#child = child;
    let said = '';
    child.stderr!.setEncoding('utf8').on('data', (part: string) => {
      said = (said + part).slice(-STDERR_TAIL);
    });
    try {
      await once(child, 'spawn');
    } catch (error) {
      this.#child = undefined;
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      throw new DesktopError(missing ? 'DESKTOP_NO_XVFB' : 'DESKTOP_XVFB_FAILED', undefined, {
        cause: error,
      });
    }
    await writeFile(join(this.dir, 'xvfb.pid'), String(child.pid), { mode: 0o600 });
    // The pipe ends when the server has reported its number, or has ended.
    const hung = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
    const number = Number.parseInt(await firstPart(child.stdio[3] as Readable), 10);
    clearTimeout(hung);
    if (!Number.isInteger(number)) {
      await exited(child);
      throw new DesktopError('DESKTOP_XVFB_FAILED', said.trim().split('\n').at(-1));
    }
    this.#number = number;
    await this.#pixels.take();
  }

  /** Ends the server, then all processes that are left of the desktop, and removes its files. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#child) {
      this.#child.kill('SIGTERM');
      const hard = setTimeout(() => this.#child?.kill('SIGKILL'), TERM_TIMEOUT_MS);
      await exited(this.#child);
      clearTimeout(hard);
    }
    await this.#keeper?.end();
    this.#pixels.close();
    // What the keeper left. As root, a removal could be led elsewhere by a user who writes there at the same time.
    if (!this.#user) await rm(this.dir, { recursive: true, force: true });
  }
}

/** Reads a stream to its end. Resolves with its first part: a display number is written at once. */
async function firstPart(stream: Readable): Promise<string> {
  let first = '';
  for await (const part of stream) first ||= String(part);
  return first;
}
