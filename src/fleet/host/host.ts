import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeEdgeKey } from '../../http/login/edge-key.ts';
import type { Desktop } from '../store/fleet-state.ts';
import { type Heart, uptimeMs } from '../store/heart.ts';
import { LEASE_MS } from '../store/nodes.ts';
import { desktopOfKey, placesOf, SOCKETS } from './desktop-places.ts';
import { findProcesses } from './desktop-process.ts';
import type { HostOptions } from './host-options.ts';
import { warnIfNotIsolated } from './isolation.ts';
import { OwnDesktop } from './own-desktop.ts';
import { readLog } from './read-log.ts';
import { RightsTeller } from './rights-teller.ts';

/**
 * Time in ms between two looks at all desktops: for those that an earlier fleet has started, whose end is no event, and
 * for times that are over. A smaller value takes more of the processor, 20 µs for each desktop.
 */
const LOOK_EACH_MS = 1000;

/**
 * Time in ms before the end of its lease at which a host counts its desktops as no longer its own: they freeze before
 * others start them. It covers the time until they notice (a quarter of a second), and that of a busy machine. A larger
 * value freezes them sooner when the store stands still.
 */
const LEASE_MARGIN_MS = 2000;

export type HostStart = Omit<HostOptions, 'ownsUntilMs'> & {
  /** Has begun. */
  readonly heart: Heart;
  /** Whether the store has known this host before, so that it knows of all of its desktops. */
  readonly isKnown: boolean;
  /**
   * Whether no other host ever starts its desktops, so that it owns them also while the store is silent. They freeze
   * only when its process is gone.
   */
  readonly ownsAlways: boolean;
};

/** Runs the desktops of a fleet on this machine: has their processes be as the store says. */
export class Host {
  readonly #options: HostOptions;
  readonly #heart: Heart;
  readonly #desktops = new Map<string, OwnDesktop>();
  #looks: NodeJS.Timeout | undefined;
  #teller: RightsTeller | undefined;

  /** Takes over the desktops that an earlier host has left, and starts what is to be started. */
  static async start({ heart, isKnown, ownsAlways, ...options }: HostStart): Promise<Host> {
    const silentMs = (): number => (ownsAlways ? 0 : heart.silentMs);
    const ownsUntilMs = (): number => uptimeMs() - silentMs() + LEASE_MS - LEASE_MARGIN_MS;
    const host = new Host({ ...options, ownsUntilMs }, heart);
    void warnIfNotIsolated(options.log);
    await host.#adopt(isKnown);
    return host;
  }

  private constructor(options: HostOptions, heart: Heart) {
    this.#heart = heart;
    this.#options = options;
  }

  /** Version of the state of which its desktops know all changes of rights. */
  get version(): number {
    return this.#teller?.version ?? 0;
  }

  /** Ends a desktop, which does not start again by itself. To be called before `close`. */
  endDesktop(name: string, reason: string): Promise<void> {
    return this.#own(name).finish(reason);
  }

  /** The last lines of a desktop's log. */
  logOf(name: string, lines: number): Promise<string> {
    return readLog(placesOf(name, this.#options.data).logFile, lines);
  }

  /** Lets go of all desktops, which run on. Resolves when nothing is in progress any more. */
  async close(): Promise<void> {
    clearInterval(this.#looks);
    this.#teller?.close();
    this.#options.store.off('changed', this.#changed);
    this.#heart.off('beat', this.#renew);
    await Promise.all([...this.#desktops.values()].map((desktop) => desktop.letGo()));
  }

  async #adopt(isKnown: boolean): Promise<void> {
    const { store, data, name: host, log } = this.#options;
    await mkdir(join(data, SOCKETS), { recursive: true, mode: 0o700 });
    const found = findProcesses();
    const { desktop: desktops } = store.state;
    await Promise.all(
      [...desktops.values()]
        .filter((desktop) => desktop.host === host)
        .map(async (desktop) => {
          const { keyFile } = placesOf(desktop.name, data);
          // Of a start that was broken off, the store has a key that the process does not have.
          const isSame = (await readFile(keyFile, 'utf8').catch(() => '')) === writeEdgeKey(desktop);
          await this.#own(desktop.name).adopt(desktop, found.get(keyFile), isSame);
        }),
    );
    for (const [keyFile, process_] of found) {
      const name = desktopOfKey(keyFile, data);
      if (name === undefined || desktops.get(name)?.host === host) continue;
      if (!isKnown && !desktops.has(name)) {
        log.warn({ desktop: name, pid: process_.pid }, 'A desktop runs that the store does not know');
        continue;
      }
      log.warn({ desktop: name, pid: process_.pid }, 'A desktop that is not of this host any more is ended');
      this.#own(name).abandon(process_);
    }
    this.#teller = new RightsTeller({
      store,
      isOwn: (desktop) => desktop.host === host,
      socketOf: (name) => placesOf(name, data).socket,
      onTold: () => this.#heart.beatSoon(),
    });
    store.on('changed', this.#changed);
    this.#heart.on('beat', this.#renew);
    this.#looks = setInterval(() => this.#lookAtAll(), LOOK_EACH_MS).unref();
    this.#lookAtAll();
  }

  #renew = (): void => {
    for (const own of this.#desktops.values()) own.renewLease();
  };

  #changed = (before: { desktop: ReadonlyMap<string, Desktop> }, after: typeof before): void => {
    if (before.desktop === after.desktop) return;
    for (const [name, desktop] of after.desktop)
      if (before.desktop.get(name) !== desktop) this.#look(name, desktop);
    for (const name of before.desktop.keys()) if (!after.desktop.has(name)) this.#forget(name);
  };

  #lookAtAll(): void {
    this.#renew();
    for (const [name, desktop] of this.#options.store.state.desktop) this.#look(name, desktop);
  }

  #look(name: string, { host }: Desktop): void {
    if (host === this.#options.name || this.#desktops.has(name)) this.#own(name).look();
  }

  #forget(name: string): void {
    const own = this.#own(name);
    this.#desktops.delete(name);
    void own
      .forget()
      .catch((err) => this.#options.log.error({ err, desktop: name }, 'The files of a desktop are left'));
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
