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

/** How long the server may take to end by itself, removing its socket, before it is killed. */
const TERM_TIMEOUT_MS = 1000;

/** A server that has not told its number after this long hangs; usual are 0.1 s. */
const START_TIMEOUT_MS = 15_000;

/** Kept of what Xvfb says, for the error when it does not start. */
const STDERR_TAIL = 2000;

/**
 * An X server without a screen, whose framebuffer is a file in memory, for our eyes only: own cookie, no TCP.
 * It can be started again after its death, on the same display number where that is still free.
 */
export class Xvfb {
  /** Holds the framebuffer, the cookie and whatever else lives as long as this display; mode 0700. */
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

  /** The server's process, for tests and messages. */
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
      // It may have failed for something else, and run.
      this.#child?.kill('SIGKILL');
      if (this.#child) await exited(this.#child);
      if (this.#isClosed) throw error;
      this.#number = undefined;
      await this.#start();
    }
  }

  /** Starts the server on the number it has, or on any that is free. */
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
        // Or the pointer would be painted into the framebuffer.
        '-nocursor',
        // Held keys repeat when the viewer's keyboard says so, and only then.
        '-r',
        // Costs 57 MB of memory for OpenGL drawn by the processor.
        ...['-extension', 'GLX'],
        // Turns to other clients after 1 ms instead of 5 while one is painting without pause.
        ...['-schedInterval', '1'],
        // No screen saver.
        ...['-s', '0'],
      ],
      // A process group of its own, so that a Ctrl+C in our terminal leaves the order of ending to us.
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
    // The pipe ends when the server has told its number, or when it has died.
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
