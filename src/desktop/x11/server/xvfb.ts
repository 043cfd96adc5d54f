import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { areaPx, type Size } from '../../../pixels/rect.ts';
import { BYTES_PER_PIXEL } from '../../../pixels/shared-frame.ts';
import { DesktopError } from '../../errors.ts';
import { writeAuthority } from './authority.ts';
import { exited } from './process-group.ts';
import { makeRuntimeDir } from './runtime-dir.ts';

/** Milliseconds that the server may take to end and remove its socket. Then it is killed, and the socket stays. */
const TERM_TIMEOUT_MS = 1000;

/** Milliseconds that the server may take to report its display number. Usual are 100; then it is killed. */
const START_TIMEOUT_MS = 15_000;

/** Characters kept of Xvfb's error output, for the error when it does not start. */
const STDERR_TAIL = 2000;

/**
 * An X server without a screen, whose framebuffer is a file in memory. It has a cookie of its own and no TCP port.
 * After its end it can be started again, with the same display number if that is still free.
 */
export class Xvfb {
  /** Folder, with mode 0700, of the framebuffer, the cookie and other files that live as long as the display. */
  readonly dir: string;
  readonly cookie: Uint8Array = randomBytes(16);
  readonly #maxSize: Size;
  #child: ChildProcess | undefined;
  #number: number | undefined;
  #isClosed = false;

  static async start(maxSize: Size): Promise<Xvfb> {
    const xvfb = new Xvfb(await makeRuntimeDir(areaPx(maxSize) * BYTES_PER_PIXEL), maxSize);
    try {
      await writeAuthority(xvfb.authority, undefined, xvfb.cookie);
      await xvfb.run();
      return xvfb;
    } catch (error) {
      await xvfb.close();
      throw error;
    }
  }

  constructor(dir: string, maxSize: Size) {
    this.dir = dir;
    this.#maxSize = maxSize;
  }

  get display(): string {
    return `:${this.#number}`;
  }

  get authority(): string {
    return join(this.dir, 'Xauthority');
  }

  get framebuffer(): string {
    return join(this.dir, 'Xvfb_screen0');
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
    const { width, height } = this.#maxSize;
    const child = spawn(
      'Xvfb',
      [
        ...(this.#number === undefined ? [] : [this.display]),
        ...['-displayfd', '3'],
        ...['-screen', '0', `${width}x${height}x24`],
        ...['-fbdir', this.dir],
        ...['-auth', this.authority],
        ...['-nolisten', 'tcp'],
        // Keeps its state when the last client leaves.
        '-noreset',
        // Without this the pointer would be drawn into the framebuffer.
        '-nocursor',
        // Keys that are down repeat only when the viewer's keyboard repeats them.
        '-r',
        // GLX takes 57 MB of memory, for OpenGL drawn by the processor.
        ...['-extension', 'GLX'],
        // While one client draws without pause, others get their turn after 1 ms instead of 5.
        ...['-schedInterval', '1'],
        // No screen saver.
        ...['-s', '0'],
      ],
      // In a process group of its own, so that a Ctrl+C in our terminal does not end it before us.
      { stdio: ['ignore', 'ignore', 'pipe', 'pipe'], detached: true },
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
    await writeFile(join(this.dir, 'xvfb.pid'), String(child.pid));
    // The pipe ends when the server has reported its number, or has ended.
    const hung = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
    const number = Number.parseInt(await text(child.stdio[3] as Readable), 10);
    clearTimeout(hung);
    if (!Number.isInteger(number)) {
      await exited(child);
      throw new DesktopError('DESKTOP_XVFB_FAILED', said.trim().split('\n').at(-1));
    }
    this.#number = number;
  }

  /** Ends the server and removes its files. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#child) {
      this.#child.kill('SIGTERM');
      const hard = setTimeout(() => this.#child?.kill('SIGKILL'), TERM_TIMEOUT_MS);
      await exited(this.#child);
      clearTimeout(hard);
    }
    await rm(this.dir, { recursive: true, force: true });
  }
}
