import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeEdgeKey } from '../../http/login/edge-key.ts';
import type { Desktop } from '../store/fleet-state.ts';
import { placesOf, SOCKETS } from './desktop-places.ts';
import { findProcesses } from './desktop-process.ts';
import { warnIfNotIsolated } from './isolation.ts';
import { type HostOptions, OwnDesktop } from './own-desktop.ts';
import { readLog } from './read-log.ts';

/**
 * Time in ms between two looks at all desktops: for those that an earlier fleet has started, whose end is no event, and
 * for times that are over. A smaller value takes more of the processor, 20 µs for each desktop.
 */
const LOOK_EACH_MS = 1000;

/** Runs the desktops of a fleet on this machine: has their processes be as the store says. */
export class Host {
  readonly #options: HostOptions;
  readonly #desktops = new Map<string, OwnDesktop>();
  #looks: NodeJS.Timeout | undefined;

  /** Takes over the desktops that an earlier fleet has left, and starts what is to be started. */
  static async start(options: HostOptions): Promise<Host> {
    const host = new Host(options);
    void warnIfNotIsolated(options.log);
    await host.#adopt();
    return host;
  }

  private constructor(options: HostOptions) {
    this.#options = options;
  }

  /** Where the server of a desktop listens. */
  socketOf(name: string): string {
    return placesOf(name, this.#options.data).socket;
  }

  /** The last lines of a desktop's log. */
  logOf(name: string, lines: number): Promise<string> {
    return readLog(placesOf(name, this.#options.data).logFile, lines);
  }

  /** Lets go of all desktops, which run on. Resolves when nothing is in progress any more. */
  async close(): Promise<void> {
    clearInterval(this.#looks);
    this.#options.store.off('changed', this.#changed);
    await Promise.all([...this.#desktops.values()].map((desktop) => desktop.letGo()));
  }

  async #adopt(): Promise<void> {
    const { store, data } = this.#options;
    await mkdir(join(data, SOCKETS), { recursive: true, mode: 0o700 });
    const found = findProcesses();
    const { desktop: desktops } = store.state;
    await Promise.all(
      [...desktops.values()].map(async (desktop) => {
        const { keyFile } = placesOf(desktop.name, data);
        // Of a start that was broken off, the store has a key that the process does not have.
        const isSame = (await readFile(keyFile, 'utf8').catch(() => '')) === writeEdgeKey(desktop);
        await this.#own(desktop.name).adopt(desktop, found.get(keyFile), isSame);
      }),
    );
    store.on('changed', this.#changed);
    this.#looks = setInterval(() => this.#lookAtAll(), LOOK_EACH_MS).unref();
    this.#lookAtAll();
  }

  #changed = (before: { desktop: ReadonlyMap<string, Desktop> }, after: typeof before): void => {
    if (before.desktop === after.desktop) return;
    for (const [name, desktop] of after.desktop)
      if (before.desktop.get(name) !== desktop) this.#own(name).look();
    for (const name of before.desktop.keys()) if (!after.desktop.has(name)) this.#desktops.delete(name);
  };

  #lookAtAll(): void {
    for (const name of this.#options.store.state.desktop.keys()) this.#own(name).look();
  }

  #own(name: string): OwnDesktop {
    let own = this.#desktops.get(name);
    if (own === undefined) {
      own = new OwnDesktop(name, this.#options);
      this.#desktops.set(name, own);
    }
    return own;
  }
}
