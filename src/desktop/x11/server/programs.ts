import type { ChildProcess } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { chmod, chown } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { homeFolder } from '../../../common/home-folder.ts';
import type { ProgramEnvironment } from '../../../config/program-environment.ts';
import type { Size } from '../../../pixels/rect.ts';
import { USUAL_DPI } from '../screen/dpi-settings.ts';
import { type Shell, writeShell } from '../shell/shell-files.ts';
import type { DesktopUser } from './desktop-user.ts';
import { desktopEnvironment, findProgram, launch } from './launch.ts';
import { endPrograms } from './process-group.ts';

/** Milliseconds to wait for Openbox, which usually listens after 100. Then the terminal is started without it. */
const WINDOW_MANAGER_TIMEOUT_MS = 3000;
/**
 * Descriptors that a program may have open unless it raises its limit, as in other sessions. Some programs, such as the
 * panel, close all that they might have before they start another one: with the 2^30 of some containers, a click in the
 * panel opened nothing for a minute. A larger value delays these; a smaller one breaks programs with many files.
 */
const OPEN_FILES = 1024;
/**
 * Milliseconds after which a panel that has ended is started again. A larger value leaves the user longer without it; with
 * a smaller one, a panel that keeps ending uses more time.
 */
const PANEL_AGAIN_MS = 1000;
/** Starts of the panel at most. One that keeps ending is left alone then. */
const MOST_PANEL_STARTS = 10;
/** Milliseconds between two looks whether Openbox listens. */
const POLL_MS = 10;

export interface ProgramsOptions {
  readonly display: string;
  /** Path of the Xauthority file, which no other desktop has. */
  readonly authority: string;
  /** Path of the display's runtime folder, which outlives the programs. */
  readonly dir: string;
  /** The user that they run as; undefined for the server's own. */
  readonly user: DesktopUser | undefined;
  /** Further variables that they get. */
  readonly environment: ProgramEnvironment;
  /** Shell command line. Without it, a window manager, a panel and a terminal are started. */
  readonly run: string | undefined;
  /** Size of the desktop. */
  readonly size: Size;
  /** Dots per inch that programs are told. */
  readonly dpi: number;
  readonly log: Logger;
}

/** The programs of our own desktop. Each has a process group of its own and ends with the desktop. */
export class Programs {
  readonly #children = new Set<ChildProcess>();
  readonly #options: ProgramsOptions;
  #windowManager: ChildProcess | undefined;
  /** Window managers that end because another one takes their place. */
  readonly #replaced = new WeakSet<ChildProcess>();
  #panel: ChildProcess | undefined;
  #panelStarts = 0;
  #panelAgain: NodeJS.Timeout | undefined;
  #isEnding = false;

  static async start(options: ProgramsOptions): Promise<Programs> {
    const programs = new Programs(options);
    if (options.run !== undefined) {
      programs.#start('/bin/sh', ['-c', options.run], 'program');
    } else {
      const shell = await programs.#prepareShell(options.size, options.dpi);
      programs.#windowManager = programs.#startOf(shell, shell.windowManager, 'window manager');
      void programs.#startWindows(shell);
    }
    return programs;
  }

  constructor(options: ProgramsOptions) {
    this.#options = options;
  }

  /** Programs are told other dots per inch. Has the window manager and the panel draw themselves for them. */
  async rescale(size: Size, dpi: number): Promise<void> {
    if (this.#options.run !== undefined) return;
    const shell = await this.#prepareShell(size, dpi);
    this.#replaceWindowManager(shell);
    await this.#whenManaged(shell);
    // tint2 starts anew in place.
    if (isRunning(this.#panel)) this.#panel.kill('SIGUSR1');
  }

  /** All windows stay. Openbox could start anew in place, but would not say when it listens again. */
  #replaceWindowManager(shell: Shell): void {
    if (isRunning(this.#windowManager)) this.#replaced.add(this.#windowManager);
    const [command = '', ...args] = shell.windowManager;
    this.#windowManager = this.#startOf(shell, [command, '--replace', ...args], 'window manager');
  }

  async #prepareShell(size: Size, dpi: number): Promise<Shell> {
    const { dir, user } = this.#options;
    const { PATH } = this.#environment();
    const isInstalled = (program: string): boolean => findProgram(program, PATH) !== undefined;
    const shell = await writeShell({
      ...{ size, isInstalled },
      scale: dpi / USUAL_DPI,
      folder: join(dir, 'shell'),
      home: user?.home ?? homeFolder(),
    });
    // The folder stays the server's own, and the user can write only one file. A strict umask would forbid reading, too.
    if (user) {
      await Promise.all(shell.folders.map((path) => chmod(path, 0o755)));
      await Promise.all(shell.files.map((path) => chmod(path, 0o644)));
      await chown(shell.listens, user.uid, user.gid);
    }
    return shell;
  }

  /**
   * Resolves when the file `listens` has content. A window that is mapped while Openbox starts, for the first time or
   * anew, has no frame and gets no clicks, or is not shown until the next input.
   */
  async #whenManaged(shell: Shell): Promise<void> {
    const end = performance.now() + WINDOW_MANAGER_TIMEOUT_MS;
    while (isEmpty(shell.listens) && isRunning(this.#windowManager) && performance.now() < end)
      await delay(POLL_MS);
  }

  async #startWindows(shell: Shell): Promise<void> {
    await this.#whenManaged(shell);
    if (this.#isEnding) return;
    if (shell.panel) this.#startPanel(shell, shell.panel);
    else this.#options.log.info('The desktop has no panel, because tint2 is not installed');
    this.#startOf(shell, shell.terminal, 'terminal');
  }

  /** Starts the panel, and again when it ends: without it, no further program can be opened. */
  #startPanel(shell: Shell, command: readonly string[]): void {
    this.#panelStarts++;
    this.#panel = this.#startOf(shell, command, 'panel');
    this.#panel.once('exit', () => {
      if (this.#isEnding || this.#panelStarts >= MOST_PANEL_STARTS) return;
      this.#panelAgain = setTimeout(() => this.#startPanel(shell, command), PANEL_AGAIN_MS).unref();
    });
  }

  #startOf({ environment }: Shell, [command = '', ...args]: readonly string[], what: string): ChildProcess {
    return this.#start(command, args, what, environment);
  }

  #start(
    command: string,
    args: readonly string[],
    what: string,
    environment: Readonly<Record<string, string>> = {},
  ): ChildProcess {
    const { display, authority, user, log } = this.#options;
    const child = launch(command, args, {
      user,
      openFiles: OPEN_FILES,
      stdio: 'ignore',
      cwd: this.#folder(),
      env: {
        ...this.#environment(),
        ...environment,
        DISPLAY: display,
        XAUTHORITY: authority,
      },
    });
    this.#children.add(child);
    child.once('error', (error) => {
      this.#children.delete(child);
      log.error({ err: error, command }, `The desktop's ${what} could not be started`);
    });
    child.once('exit', (exitCode, signal) => {
      if (!this.#isEnding && !this.#replaced.has(child))
        log.warn({ command, exitCode, signal }, `The desktop's ${what} has ended`);
    });
    return child;
  }

  #environment(): NodeJS.ProcessEnv {
    const { dir, user, environment } = this.#options;
    return {
      ...desktopEnvironment(user, dir),
      // Without a UTF-8 locale, programs take only ASCII from the keyboard.
      LANG: /utf-?8/i.test(process.env.LANG ?? '') ? process.env.LANG : 'C.UTF-8',
      ...environment,
    };
  }

  /**
   * The folder in which programs start. A command line is relative to the folder it was given in, unless it runs as
   * another user; a terminal opens in the home folder.
   */
  #folder(): string {
    const { user, run } = this.#options;
    if (run !== undefined && !user) return process.cwd();
    const home = user?.home ?? homeFolder();
    if (existsSync(home)) return home;
    return user ? '/' : process.cwd();
  }

  /** Ends the programs and all that they started, within 2 seconds. */
  async close(): Promise<void> {
    this.#isEnding = true;
    clearTimeout(this.#panelAgain);
    await endPrograms(this.#children, `XAUTHORITY=${this.#options.authority}`);
    this.#children.clear();
  }
}

const isRunning = (child: ChildProcess | undefined): child is ChildProcess =>
  child?.pid !== undefined && child.exitCode === null && child.signalCode === null;

function isEmpty(file: string): boolean {
  try {
    return statSync(file).size === 0;
  } catch {
    return true;
  }
}
