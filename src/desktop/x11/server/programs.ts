import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { OPENBOX_MENU, openboxRc, TERMINAL } from './openbox-config.ts';
import { endPrograms } from './process-group.ts';

/** Milliseconds to wait for Openbox, which usually listens after 100. Then the terminal is started without it. */
const WINDOW_MANAGER_TIMEOUT_MS = 3000;
/** Milliseconds between two looks whether Openbox listens. */
const POLL_MS = 10;

export interface ProgramsOptions {
  readonly display: string;
  /** Path of the Xauthority file, which no other desktop has. */
  readonly authority: string;
  /** Path of a private folder that outlives the programs. */
  readonly dir: string;
  /** Shell command line. Without it, a window manager and a terminal are started. */
  readonly run: string | undefined;
  readonly log: Logger;
}

/** The programs of our own desktop. Each has a process group of its own and ends with the desktop. */
export class Programs {
  readonly #children = new Set<ChildProcess>();
  readonly #options: ProgramsOptions;
  #isEnding = false;

  static async start(options: ProgramsOptions): Promise<Programs> {
    const programs = new Programs(options);
    if (options.run !== undefined) {
      programs.#start('/bin/sh', ['-c', options.run], 'program');
    } else {
      const { rc, listens } = await prepareOpenbox(options.dir);
      const args = ['--config-file', rc, '--startup', `touch '${listens}'`];
      const windowManager = programs.#start('openbox', args, 'window manager');
      void programs.#startTerminal(windowManager, listens);
    }
    return programs;
  }

  constructor(options: ProgramsOptions) {
    this.#options = options;
  }

  /**
   * Starts the terminal when the file `listens` exists. A window that is mapped while Openbox starts has no frame, or
   * is not shown until the next input.
   */
  async #startTerminal(windowManager: ChildProcess, listens: string): Promise<void> {
    const end = performance.now() + WINDOW_MANAGER_TIMEOUT_MS;
    while (!existsSync(listens) && isRunning(windowManager) && performance.now() < end) await delay(POLL_MS);
    if (!this.#isEnding) this.#start(TERMINAL[0], TERMINAL.slice(1), 'terminal');
  }

  #start(command: string, args: readonly string[], what: string): ChildProcess {
    const { display, authority, log } = this.#options;
    const child = spawn(command, args, {
      detached: true,
      stdio: 'ignore',
      // A command line is relative to the folder it was given in. A terminal opens in the home folder.
      cwd: this.#options.run === undefined && existsSync(homedir()) ? homedir() : process.cwd(),
      env: {
        ...process.env,
        // Where the server's own modules are compiled to.
        NODE_COMPILE_CACHE: undefined,
        DISPLAY: display,
        XAUTHORITY: authority,
        // Without a UTF-8 locale, programs take only ASCII from the keyboard.
        LANG: /utf-?8/i.test(process.env.LANG ?? '') ? process.env.LANG : 'C.UTF-8',
      },
    });
    this.#children.add(child);
    child.once('error', (error) => {
      this.#children.delete(child);
      log.error({ err: error, command }, `The desktop's ${what} could not be started`);
    });
    child.once('exit', (exitCode, signal) => {
      if (!this.#isEnding) log.warn({ command, exitCode, signal }, `The desktop's ${what} has ended`);
    });
    return child;
  }

  /** Ends the programs and all that they started, within 2 seconds. */
  async close(): Promise<void> {
    this.#isEnding = true;
    await endPrograms(this.#children, `XAUTHORITY=${this.#options.authority}`);
    this.#children.clear();
  }
}

const isRunning = ({ pid, exitCode, signalCode }: ChildProcess): boolean =>
  pid !== undefined && exitCode === null && signalCode === null;

/** Writes Openbox's configuration. Returns its path, and that of the file that exists when Openbox listens. */
async function prepareOpenbox(dir: string): Promise<{ rc: string; listens: string }> {
  const config = join(dir, 'openbox');
  await mkdir(config, { recursive: true });
  const rc = join(config, 'rc.xml');
  const menu = join(config, 'menu.xml');
  const listens = join(config, 'listens');
  // An earlier X server may have left one.
  await Promise.all([
    rm(listens, { force: true }),
    writeFile(rc, openboxRc(menu)),
    writeFile(menu, OPENBOX_MENU),
  ]);
  return { rc, listens };
}
