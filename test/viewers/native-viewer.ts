import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { x } from '../desktop/support.ts';
import type { PictureBytes } from '../support/compare-pictures.ts';
import type { ForeignXServer } from '../support/foreign-x-server.ts';
import type { RunningDeskwire } from '../support/start-deskwire.ts';
import { waitFor } from '../support/wait-for.ts';
import { parseXwd } from '../support/xwd.ts';

/** Longest time from a viewer's start to its window, in ms. */
const WINDOW_LIMIT_MS = 30_000;

/** The TCP port of a server that was started with `--rfb-port 0`. */
export function rfbPortOf(server: RunningDeskwire): number {
  const [, port] = /^VNC viewers: \S+:(\d+)$/m.exec(server.output().stdout) ?? [];
  if (port === undefined) throw new Error('The server has no RFB port.');
  return Number(port);
}

/** A viewer program, whose window is on an X server of its own. */
export class NativeViewer {
  readonly #child: ChildProcess;
  readonly #env: NodeJS.ProcessEnv;
  readonly #window: string;
  #said = '';

  private constructor(child: ChildProcess, env: NodeJS.ProcessEnv, window: string) {
    this.#child = child;
    this.#env = env;
    this.#window = window;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text;
      });
    }
  }

  /** Starts a program. `window` is the name of the window with the picture, or a regular expression for xdotool. */
  static start(
    glass: ForeignXServer,
    window: string,
    [program, ...args]: readonly [string, ...string[]],
    environment: NodeJS.ProcessEnv,
  ): NativeViewer {
    const env = { ...process.env, LANG: 'C.UTF-8', ...environment, DISPLAY: glass.display };
    return new NativeViewer(spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] }), env, window);
  }

  get env(): NodeJS.ProcessEnv {
    return this.#env;
  }

  /** What the program has printed. */
  get said(): string {
    return this.#said;
  }

  /** What its window shows, or undefined while there is no window. */
  async picture(): Promise<PictureBytes | undefined> {
    const id = await this.windowId();
    const dump =
      id &&
      (await promisify(execFile)('xwd', ['-silent', '-id', id], {
        encoding: 'buffer',
        env: this.#env,
        maxBuffer: 16 << 20,
      }).catch(() => undefined));
    if (!dump) return undefined;
    const { width, height, pixels } = parseXwd(dump.stdout);
    return { width, height, bytes: pixels, order: 'bgrx' };
  }

  async windowId(name = this.#window): Promise<string | undefined> {
    const found = await x(this.#env, 'xdotool', 'search', '--onlyvisible', '--name', name).catch(() => '');
    return found.trim().split('\n').at(-1) || undefined;
  }

  /** Resolves when its window is there. */
  async shown(name = this.#window): Promise<string> {
    return waitFor(
      `the window ${name} of the viewer`,
      async () => {
        if (this.#child.exitCode !== null) throw new Error(`The viewer has ended: ${this.#said}`);
        return this.windowId(name);
      },
      WINDOW_LIMIT_MS,
    );
  }

  /** Gives a window the keyboard: there is no window manager for that. */
  async focus(name = this.#window): Promise<void> {
    await x(this.#env, 'xdotool', 'windowfocus', '--sync', await this.shown(name));
  }

  /** Clicks at a place of the picture. */
  async click(left: number, top: number, button = 1): Promise<void> {
    const place = ['mousemove', '--window', await this.shown(), String(left), String(top)];
    await x(this.#env, 'xdotool', ...place, 'click', String(button));
  }

  async type(text: string): Promise<void> {
    await x(this.#env, 'xdotool', 'type', '--delay', '30', text);
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }
}
