import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { endGroup } from './child.ts';
import { OPENBOX_MENU, openboxRc, TERMINAL } from './openbox-config.ts';

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
      const rc = await writeOpenboxConfig(options.dir);
      programs.#start('openbox', ['--config-file', rc], 'window manager');
      programs.#start(TERMINAL[0], TERMINAL.slice(1), 'terminal');
    }
    return programs;
  }

  constructor(options: ProgramsOptions) {
    this.#options = options;
  }

  #start(command: string, args: readonly string[], what: string): void {
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
  }

  /** Ends them and what they started, within 2 seconds. */
  async close(): Promise<void> {
    this.#isEnding = true;
    await Promise.all([...this.#children].map(endGroup));
    this.#children.clear();
  }
}

/** Returns the path of rc.xml. */
async function writeOpenboxConfig(dir: string): Promise<string> {
  const config = join(dir, 'openbox');
  await mkdir(config, { recursive: true });
  const rc = join(config, 'rc.xml');
  const menu = join(config, 'menu.xml');
  await Promise.all([writeFile(rc, openboxRc(menu)), writeFile(menu, OPENBOX_MENU)]);
  return rc;
}
