import { type Child, forkChild } from '../../bench/ipc.ts';
import type { DrawnReport } from './drawing-viewer.ts';
import type { DrawingViewerCalls, DrawingViewerOptions } from './drawing-viewer-process.ts';
import type { HttpsClient } from './https-client.ts';
import type { Slowness } from './slowness.ts';
import type { RunningDeskwire } from './start-deskwire.ts';
import { type LinkOptions, ThrottledProxy } from './throttled-proxy.ts';
import { waitFor } from './wait-for.ts';

/** The four numbers of a connection, by name. */
export interface Rating {
  readonly cpu: number;
  readonly cpuAverage: number;
  readonly network: number;
  readonly networkAverage: number;
}

/** A number of this or more says that nothing holds frames up. */
export const FREE_FROM = 9;

/**
 * Slowness up to which the numbers of a viewer that nothing holds up are looked at. With a larger one, a machine that is
 * overloaded fails tests; a smaller one leaves the numbers out on a machine with one busy core.
 */
const MOST_SLOWNESS = 6;

/**
 * The least number of a viewer that nothing holds up: FREE_FROM, or less if other programs keep the processor from these
 * processes, which then handle late what arrives.
 */
export function leastFreeNumber(slowness: readonly Slowness[]): number {
  const factor = Math.max(...slowness.map((one) => one.factor));
  return factor > MOST_SLOWNESS ? 0 : FREE_FROM / Math.sqrt(factor);
}

const PASSWORD = 'a password of these viewers';

/** Time for the first picture, in milliseconds. */
const FIRST_LIMIT_MS = 20_000;

/** Connects viewers, each of a user of its own, in a process of its own and over a link of its own. */
export class RatedViewers {
  readonly #server: RunningDeskwire;
  readonly #api: HttpsClient;
  readonly #viewers = new Map<string, RatedViewer>();
  readonly #users = new Set<string>();

  constructor(server: RunningDeskwire, api: HttpsClient) {
    this.#server = server;
    this.#api = api;
  }

  /** Connects a viewer of this user. Without `link` its connection is direct. Resolves when it has had a picture. */
  async look(
    user: string,
    options: Omit<DrawingViewerOptions, 'target'>,
    link?: LinkOptions,
  ): Promise<RatedViewer> {
    if (!this.#users.has(user)) {
      const query = new URLSearchParams({ name: user, password: PASSWORD, read: 'true' });
      const { status } = await this.#api.get(`/api/create_user?${query}`);
      if (status !== 200) throw new Error(`The user ${user} could not be created: ${status}`);
      this.#users.add(user);
    }
    const proxy = link && (await ThrottledProxy.open(this.#server.port, link));
    const url = proxy ? `https://127.0.0.1:${proxy.port}/` : this.#server.url;
    const child = forkChild<DrawingViewerCalls>(new URL('./drawing-viewer-process.ts', import.meta.url));
    const viewer = new RatedViewer(user, child, proxy);
    this.#viewers.set(user, viewer);
    const target = { url, ca: this.#server.ca, user: { name: user, password: PASSWORD } };
    await child.calls.connect({ ...options, target });
    await waitFor('a picture', async () => (await viewer.seen()).updates > 0, FIRST_LIMIT_MS);
    return viewer;
  }

  /** The numbers of all viewers, by user. Each has one connection. */
  async ratings(): Promise<ReadonlyMap<string, Rating>> {
    const stats: Record<string, Record<string, [number, number, number, number]>> = (
      await this.#api.get('/api/get_bottleneck_stats')
    ).json();
    return new Map(
      Object.entries(stats).map(([user, connections]) => {
        const [[cpu, cpuAverage, network, networkAverage] = [0, 0, 0, 0], ...others] =
          Object.values(connections);
        if (others.length > 0) throw new Error(`${user} has ${others.length + 1} connections.`);
        return [user, { cpu, cpuAverage, network, networkAverage }];
      }),
    );
  }

  /** The id of a user's connection. */
  async idOf(user: string): Promise<string> {
    const stats = (await this.#api.get('/api/get_bottleneck_stats')).json();
    return Object.keys(stats[user])[0]!;
  }

  /** Disconnects all viewers, and waits until the server has noticed. */
  async leave(): Promise<void> {
    await Promise.all([...this.#viewers.values()].map((viewer) => viewer.close()));
    this.#viewers.clear();
    await waitFor('nobody to be connected', async () => (await this.ratings()).size === 0);
  }
}

/** One viewer of a user. */
export class RatedViewer {
  readonly user: string;
  readonly #child: Child<DrawingViewerCalls>;
  readonly #proxy: ThrottledProxy | undefined;

  constructor(user: string, child: Child<DrawingViewerCalls>, proxy: ThrottledProxy | undefined) {
    this.user = user;
    this.#child = child;
    this.#proxy = proxy;
  }

  /** Sets the rate of its link to the viewer. */
  pace(bytesPerSecond: number): void {
    if (!this.#proxy) throw new Error('This viewer has no link to pace.');
    this.#proxy.setRate('down', bytesPerSecond);
  }

  /** Sets how long it takes to draw an update. */
  draw(ms: number): Promise<void> {
    return this.#child.calls.draw(ms);
  }

  seen(): Promise<{ readonly updates: number; readonly reports: readonly DrawnReport[] }> {
    return this.#child.calls.seen();
  }

  async close(): Promise<void> {
    await this.#child.close();
    await this.#proxy?.close();
  }
}
