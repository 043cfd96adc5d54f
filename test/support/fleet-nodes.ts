import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { argumentsOf, processIds, statOf } from '../../src/common/process-tree.ts';
import { placesOf } from '../../src/fleet/host/desktop-places.ts';
import {
  type DesktopProcess,
  findProcesses,
  killDesktop,
  removeDesktop,
} from '../../src/fleet/host/desktop-process.ts';
import { ADMIN } from './fleet-process.ts';
import { HttpsClient } from './https-client.ts';
import type { TestLogin } from './login-headers.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { waitFor } from './wait-for.ts';

const CLI = fileURLToPath(new URL('../../bin/deskwire.mjs', import.meta.url));
const READY = /^Deskwire \w+ ready: (\S+) \(/m;

/** Longest wait for the start, in ms: longer than any start on a loaded machine. */
const START_LIMIT_MS = 90_000;

/** One process of a fleet. */
export class FleetNodeProcess {
  readonly data: string;
  /** What it says first: the URL of an edge, the name of a host. */
  readonly place: string;
  readonly child: ChildProcess;

  constructor(data: string, place: string, child: ChildProcess) {
    this.data = data;
    this.place = place;
    this.child = child;
  }

  get pid(): number {
    return this.child.pid!;
  }

  get isEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ends it by a signal. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.isEnded) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGCONT');
    this.child.kill(signal);
    await ended;
  }
}

/** An edge that runs. */
export class EdgeProcess extends FleetNodeProcess {
  readonly ca: string;

  constructor(data: string, place: string, child: ChildProcess) {
    super(data, place, child);
    this.ca = readFileSync(join(data, 'cert.pem'), 'utf8');
  }

  client(user: TestLogin = ADMIN): HttpsClient {
    return new HttpsClient(this.place, this.ca, user);
  }

  /** Where viewers of a desktop connect. */
  target(desktop: string, user: TestLogin = ADMIN): { url: string; ca: string; user: TestLogin } {
    return { url: `${this.place}d/${desktop}/`, ca: this.ca, user };
  }
}

/** Edges and hosts of one fleet, each a process with a data folder of its own. They share a store. */
export class FleetNodes {
  readonly folder = temporaryFolder('deskwire-nodes-');
  readonly #store: string;
  readonly #nodes = new Set<FleetNodeProcess>();

  constructor(store?: string) {
    this.#store = store ?? join(this.folder, 'store');
  }

  async edge(name: string, flags: readonly string[] = []): Promise<EdgeProcess> {
    const own = ['--name', name, '--port', '0', '--owner', ADMIN.name];
    const { data, place, child } = await this.#start('edge', name, [...own, ...flags]);
    return this.#add(new EdgeProcess(data, place, child));
  }

  async host(name: string, flags: readonly string[] = []): Promise<FleetNodeProcess> {
    const { data, place, child } = await this.#start('host', name, ['--name', name, ...flags]);
    return this.#add(new FleetNodeProcess(data, place, child));
  }

  /** Any other command of a fleet. */
  async run(command: string, name: string, flags: readonly string[]): Promise<FleetNodeProcess> {
    const { data, place, child } = await this.#start(command, name, flags);
    return this.#add(new FleetNodeProcess(data, place, child));
  }

  /**
   * Stops a process, but not while it writes to the embedded store: nobody could write until it goes on. On several
   * machines, the store is another process.
   */
  async stop(node: FleetNodeProcess): Promise<void> {
    for (;;) {
      node.signal('SIGSTOP');
      await waitFor('the stop', () => statOf(node.pid)[0] === 'T');
      if (!existsSync(join(this.#store, 'fleet.db')) || isWritable(this.#store)) return;
      node.signal('SIGCONT');
      await sleep(20);
    }
  }

  /** The process of a desktop's server on a host. */
  desktopOn(host: Pick<FleetNodeProcess, 'data'>, desktop: string): DesktopProcess | undefined {
    return findProcesses().get(placesOf(desktop, host.data).keyFile);
  }

  /** The processes of all desktops' servers on a host. */
  desktopsOn(host: Pick<FleetNodeProcess, 'data'>): DesktopProcess[] {
    return [...findProcesses()].flatMap(([file, found]) => (file.startsWith(`${host.data}/`) ? [found] : []));
  }

  /** Ends all processes and all desktops. */
  async close(): Promise<void> {
    await Promise.all([...this.#nodes].map((node) => node.end('SIGKILL')));
    for (const [keyFile, desktop] of findProcesses())
      if (keyFile.startsWith(this.folder)) killDesktop(desktop);
    await waitFor('the ends of all processes', () => !processIds().some((pid) => this.#isOwn(pid)));
    for (const name of readdirSync(this.folder)) {
      const data = join(this.folder, name);
      const desktops = join(data, 'desktops');
      if (existsSync(desktops))
        for (const desktop of readdirSync(desktops)) await removeDesktop(placesOf(desktop, data));
    }
  }

  #isOwn(pid: number): boolean {
    return pid !== process.pid && argumentsOf(pid).some((argument) => argument.startsWith(this.folder));
  }

  #add<Node extends FleetNodeProcess>(node: Node): Node {
    this.#nodes.add(node);
    return node;
  }

  async #start(command: string, name: string, flags: readonly string[]) {
    const data = join(this.folder, name);
    mkdirSync(data, { recursive: true });
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      ...{ DESKWIRE_OWNER_PASSWORD: ADMIN.password, DESKWIRE_STORE: this.#store },
    };
    // Node's test runner sets this for its children. The fleet would take itself for a test.
    delete env.NODE_TEST_CONTEXT;
    const args = [CLI, ...command.split(' '), '--data', data, ...flags];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
    const ready = await waitFor(
      `the ${command} ${name}`,
      () => {
        if (child.exitCode !== null) throw new Error(`The ${command} ended:\n${said}`);
        return READY.exec(said) ?? undefined;
      },
      START_LIMIT_MS,
    );
    return { data, place: ready[1]!, child };
  }
}

function isWritable(store: string): boolean {
  const db = new DatabaseSync(join(store, 'fleet.db'), { timeout: 0 });
  try {
    db.exec('BEGIN IMMEDIATE; ROLLBACK');
    return true;
  } catch {
    return false;
  } finally {
    db.close();
  }
}

/** Makes a small desktop with a program that needs nothing, and waits until it runs. */
export async function makeDesktop(
  client: HttpsClient,
  name: string,
  more: object = {},
): Promise<{ host: string }> {
  const wanted = { name, command: 'exec sleep 100000', size: '640x480', ...more };
  const made = await client.post('/api/desktops?wait=60', wanted, { timeoutMs: 90_000 });
  if (made.json().state !== 'running') throw new Error(`${name} does not run: ${made.text()}`);
  return made.json();
}
