import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { OPENBOX_MENU, openboxRc, TERMINAL } from './openbox-config.ts';
import { endGroup } from './process-group.ts';

/** Openbox listens after a tenth of a second; a desktop where it hangs still gets its terminal. */
const WINDOW_MANAGER_TIMEOUT_MS = 3000;
const POLL_MS = 10;

export interface ProgramsOptions {
  readonly display: string;
  /** Xauthority file. */
  readonly authority: string;
  /** Private folder that outlives the programs. */
  readonly dir: string;
  /** Shell command line; undefined means a window manager and a terminal. */
  readonly run: string | undefined;
  readonly log: Logger;
}

/** The programs of our own desktop: each in a process group of its own, all ended with it. */
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
   * A window that is mapped while openbox starts stays without a frame, or is not even shown, until the next input:
   * so the terminal comes when `listens` is there.
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
      // A command line is relative to where it was given; a terminal opens at home.
      cwd: this.#options.run === undefined && existsSync(homedir()) ? homedir() : process.cwd(),
      env: {
        ...process.env,
        DISPLAY: display,
        XAUTHORITY: authority,
        // Without a UTF-8 locale programs take only ASCII from the keyboard.
        LANG: /utf-?8/i.test(process.env.LANG ?? '') ? process.env.LANG : 'C.UTF-8',
      },
    });
    this.#children.add(child);
    child.once('error', (error) => {
      this.#children.delete(child);
      log.error({ err: error, command }, `the desktop's ${what} could not be started`);
    });
    child.once('exit', (exitCode, signal) => {
      if (!this.#isEnding) log.warn({ command, exitCode, signal }, `the desktop's ${what} has ended`);
    });
    return child;
  }

  /** Ends them and what they started, within 2 seconds. */
  async close(): Promise<void> {
    this.#isEnding = true;
    await Promise.all([...this.#children].map(endGroup));
    this.#children.clear();
  }
}

const isRunning = ({ pid, exitCode, signalCode }: ChildProcess): boolean =>
  pid !== undefined && exitCode === null && signalCode === null;

/** Returns the paths of its configuration and of the file that is to be there once it listens. */
async function prepareOpenbox(dir: string): Promise<{ rc: string; listens: string }> {
  const config = join(dir, 'openbox');
  await mkdir(config, { recursive: true });
  const rc = join(config, 'rc.xml');
  const menu = join(config, 'menu.xml');
  const listens = join(config, 'listens');
  // One may be left of an X server before.
  await Promise.all([
    rm(listens, { force: true }),
    writeFile(rc, openboxRc(menu)),
    writeFile(menu, OPENBOX_MENU),
  ]);
  return { rc, listens };
}
