import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FleetProcess } from './fleet-process.ts';
import { HttpsClient } from './https-client.ts';
import type { TestLogin } from './login-headers.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { waitFor } from './wait-for.ts';

const CLI = fileURLToPath(new URL('../../bin/deskwire.mjs', import.meta.url));
const READY = /^Deskwire edge ready: (\S+) \(/m;

/** Longest wait for the start, in ms: longer than any start on a loaded machine. */
const START_LIMIT_MS = 90_000;

/** One more edge of a fleet, in its own process. */
export class EdgeProcess {
  /** As it reports itself. */
  readonly id: string;
  readonly url: string;
  readonly #ca: string;
  readonly #kill: (signal: NodeJS.Signals) => void;
  readonly #closed: Promise<unknown>;

  static async start(fleet: FleetProcess, name: string): Promise<EdgeProcess> {
    const env = { ...process.env };
    // Node's test runner sets this for its children. The edge would take itself for a test.
    delete env.NODE_TEST_CONTEXT;
    const data = temporaryFolder('deskwire-edge-');
    const args = [CLI, 'edge', '--port', '0', '--data', data, '--store', fleet.data, '--name', name];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    const closed = once(child, 'exit');
    const ready = await waitFor(
      'the edge',
      () => {
        if (child.exitCode !== null) throw new Error(`The edge ended:\n${said}`);
        return READY.exec(said) ?? undefined;
      },
      START_LIMIT_MS,
    );
    const ca = readFileSync(join(data, 'cert.pem'), 'utf8');
    return new EdgeProcess(name, ready[1]!, ca, (signal) => child.kill(signal), closed);
  }

  private constructor(
    name: string,
    url: string,
    ca: string,
    kill: (signal: NodeJS.Signals) => void,
    closed: Promise<unknown>,
  ) {
    this.id = `edge:${name}`;
    this.url = url;
    this.#ca = ca;
    this.#kill = kill;
    this.#closed = closed;
  }

  client(user: TestLogin): HttpsClient {
    return new HttpsClient(this.url, this.#ca, user);
  }

  /** Where viewers of a desktop connect. */
  target(desktop: string, user: TestLogin): { url: string; ca: string; user: TestLogin } {
    return { url: `${this.url}d/${desktop}/`, ca: this.#ca, user };
  }

  signal(signal: NodeJS.Signals): void {
    this.#kill(signal);
  }

  /** Ends it, also if it stands still. */
  async stop(): Promise<void> {
    this.#kill('SIGCONT');
    this.#kill('SIGTERM');
    await this.#closed;
  }
}
