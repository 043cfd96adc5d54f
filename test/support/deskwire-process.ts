import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

/** What the ready line tells. */
export interface Ready {
  readonly url: string;
  readonly display: string;
  readonly size: string;
}

/**
 * A `deskwire serve` in a process of its own, started by whatever command line, in a process group of its own, as a
 * terminal starts one. Every process that descends from it can be found by a mark in its environment.
 */
export class DeskwireProcess {
  readonly child: ChildProcess;
  readonly #mark = `DESKWIRE-TEST-${randomUUID()}`;
  #stdout = '';
  #stderr = '';
  readonly #ended: Promise<number | NodeJS.Signals>;

  constructor(command: string, args: readonly string[], options: SpawnOptions = {}) {
    const env: NodeJS.ProcessEnv = { ...process.env, ...options.env, TEST_MARK: this.#mark };
    // Node's test runner marks its children so; a server would take itself for one of its tests.
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

  /** Resolves with the ready line's parts; rejects, with all that was printed, where it ends before that. */
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

  /** Signals npm, or whatever was started, alone, as a service manager does. */
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Signals the whole process group, as a terminal does on Ctrl-C. */
  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.child.pid!, signal);
  }

  /** Command lines of all that descends from it and still lives. */
  survivors(): string[] {
    return this.#survivorIds().map((id) => `${id} ${read(`/proc/${id}/cmdline`).replaceAll('\0', ' ')}`);
  }

  /** For a test's end: whatever is still there goes, asked or not. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of this.#survivorIds()) {
      try {
        process.kill(id, 'SIGKILL');
      } catch {
        // It has just ended by itself.
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

/** A process may end between being listed and being read. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
