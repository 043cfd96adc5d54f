import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { testHome } from './test-home.ts';

/** Content of the ready line. */
export interface Ready {
  readonly url: string;
  readonly display: string;
  readonly size: string;
}

/**
 * A `deskwire serve` in its own process and process group, as a terminal starts one, by any command line. A mark in
 * the environment identifies every process that descends from it.
 */
export class DeskwireProcess {
  readonly child: ChildProcess;
  readonly #mark = `DESKWIRE-TEST-${randomUUID()}`;
  #stdout = '';
  #stderr = '';
  readonly #ended: Promise<number | NodeJS.Signals>;

  constructor(command: string, args: readonly string[], options: SpawnOptions = {}) {
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      // Programs of another user would not get the mark.
      DESKWIRE_DESKTOP_USER: userInfo().username,
      HOME: testHome(),
      ...options.env,
      TEST_MARK: this.#mark,
    };
    // Node's test runner sets this for its children. The server would take itself for a test.
    delete env.NODE_TEST_CONTEXT;
    this.child = spawn(command, args, {
      ...options,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#ended = once(this.child, 'close').then(([code, signal]) => signal ?? code);
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves with the exit code, or the name of the signal that ended it, once its output is complete. */
  get ended(): Promise<number | NodeJS.Signals> {
    return this.#ended;
  }

  /** Resolves with the parts of the ready line. Rejects with everything that was printed if it ends before that. */
  async ready(): Promise<Ready> {
    const pattern = /^Deskwire ready: (\S+) \(desktop (\S+), (\d+x\d+)\)\n/m;
    for (;;) {
      const match = pattern.exec(this.#stdout);
      if (match) return { url: match[1]!, display: match[2]!, size: match[3]! };
      const ended = await Promise.race([this.#ended, once(this.child.stdout!, 'data').then(() => undefined)]);
      if (ended !== undefined) {
        throw new Error(`ended with ${ended} before it was ready:\n${this.#stdout}${this.#stderr}`);
      }
    }
  }

  /** Signals only the started process (npm, for example), as a service manager does. */
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Signals the whole process group, as a terminal does on Ctrl-C. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.child.pid!, signal);
  }

  /** Returns the command lines of all its descendants that are still alive. */
  survivors(): string[] {
    return this.#survivorIds().map((id) => `${id} ${read(`/proc/${id}/cmdline`).replaceAll('\0', ' ')}`);
  }

  /** Kills everything that is left, at a test's end. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of this.#survivorIds()) {
      try {
        process.kill(id, 'SIGKILL');
      } catch {
        // The process has just ended by itself.
      }
    }
    await this.#ended;
  }

  #survivorIds(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && read(`/proc/${name}/environ`).includes(this.#mark))
      .map(Number);
  }
}

/** Reads a file of a process, which may end between being listed and being read. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
