import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HttpsClient } from './https-client.ts';
import type { TestLogin } from './login-headers.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { waitFor } from './wait-for.ts';

const CLI = fileURLToPath(new URL('../../bin/deskwire.mjs', import.meta.url));
const READY = /^Deskwire fleet ready: (\S+) \(desktops: (\d+)\)$/m;

/** Longest wait for the start, in ms: longer than any start on a loaded machine. */
const START_LIMIT_MS = 90_000;

export const ADMIN: TestLogin = { name: 'ada', password: 'correct horse battery' };

/** A real fleet in its own process. */
export class FleetProcess {
  readonly url: string;
  readonly ca: string;
  readonly data: string;
  readonly pid: number;
  /** Desktops that it found when it started. */
  readonly found: number;
  readonly #end: (signal: NodeJS.Signals) => Promise<void>;

  /** Starts a fleet. `data` is the folder of an earlier one. */
  static async start(
    data = temporaryFolder('deskwire-fleet-'),
    flags: readonly string[] = [],
  ): Promise<FleetProcess> {
    const env: NodeJS.ProcessEnv = { ...process.env, DESKWIRE_OWNER_PASSWORD: ADMIN.password };
    // Node's test runner sets this for its children. The fleet would take itself for a test.
    delete env.NODE_TEST_CONTEXT;
    const args = [CLI, 'fleet', '--port', '0', '--data', data, '--owner', ADMIN.name, ...flags];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    const closed = once(child, 'exit');
    const ready = await waitFor(
      'the fleet',
      () => {
        if (child.exitCode !== null) throw new Error(`The fleet ended:\n${said}`);
        return READY.exec(said) ?? undefined;
      },
      START_LIMIT_MS,
    );
    return new FleetProcess(data, child.pid!, ready[1]!, Number(ready[2]), async (signal) => {
      child.kill(signal);
      await closed;
    });
  }

  private constructor(
    data: string,
    pid: number,
    url: string,
    found: number,
    end: (signal: NodeJS.Signals) => Promise<void>,
  ) {
    this.data = data;
    this.pid = pid;
    this.url = url;
    this.found = found;
    this.ca = existsSync(join(data, 'cert.pem')) ? readFileSync(join(data, 'cert.pem'), 'utf8') : '';
    this.#end = end;
  }

  /** A caller of the fleet. */
  client(user: TestLogin = ADMIN): HttpsClient {
    return new HttpsClient(this.url, this.ca, user);
  }

  /** Where viewers of a desktop connect. */
  target(desktop: string, user: TestLogin = ADMIN): { url: string; ca: string; user: TestLogin } {
    return { url: `${this.url}d/${desktop}/`, ca: this.ca, user };
  }

  /** Ends it by a signal. Its desktops run on. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    return this.#end(signal);
  }

  /** Removes all desktops, and ends it. */
  async removeAll(): Promise<void> {
    const client = this.client();
    const desktops: { name: string }[] = (await client.get('/api/desktops')).json();
    const options = { method: 'DELETE', timeoutMs: 70_000 };
    await Promise.all(desktops.map(({ name }) => client.send(`/api/desktops/${name}?wait=60`, options)));
    client.close();
    await this.stop();
  }
}
