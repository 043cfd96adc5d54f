import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type EdgeProcess,
  type FleetNodeProcess,
  FleetNodes,
  makeDesktop,
} from '../../../test/support/fleet-nodes.ts';
import { ADMIN } from '../../../test/support/fleet-process.ts';
import type { HttpsClient } from '../../../test/support/https-client.ts';
import { TwiceWatch } from '../../../test/support/live-desktops.ts';
import type { TestLogin } from '../../../test/support/login-headers.ts';
import { waitFor } from '../../../test/support/wait-for.ts';
import { createRandom } from '../../painter/random.ts';
import { DesktopClients } from './desktop-clients.ts';
import { type Fault, faultsOf, happen, type Nodes } from './faults.ts';
import { RestlessViewer } from './restless-viewer.ts';

export interface RoundsOptions {
  readonly rounds: number;
  readonly seed: number;
  /** Length of a round in seconds, without the time until all is well again. */
  readonly seconds: number;
  /** Store of the fleet. By default an embedded one. */
  readonly store?: string;
  /** Folder for the history of rounds that fail. */
  readonly keep: string;
  readonly say: (line: string) => void;
}

export interface RoundsResult {
  readonly failed: readonly { readonly round: number; readonly faults: readonly string[] }[];
  /** Times from the loss of a connection to the next one, while its edge was killed. */
  readonly reconnectsMs: readonly number[];
  /** Times from the end of a round's faults until all was well again. */
  readonly recoveriesMs: readonly number[];
}

/** The desktop that viewers watch. Its host may be lost. */
const WATCHED = 'watched';
const PUPIL: TestLogin = { name: 'pupil', password: 'pupil-secret' };
const CAPACITY = 6;
/** Desktops that the clients have at a time. */
const MOST_DESKTOPS = 3;
/** Longest wait in ms until all is well after a round: the time to be up elsewhere, and starts on a busy machine. */
const WELL_LIMIT_MS = 90_000;
/** Longest time in ms in which a right that was taken away may still let someone in. */
const REVOKED_LIMIT_MS = 5000;

/** Runs rounds in which nodes of a fleet are killed and stopped, and checks what must always hold. */
export async function fleetRounds(options: RoundsOptions): Promise<RoundsResult> {
  const random = createRandom(options.seed);
  const fleet = await TestedFleet.start(options.store);
  const failed: { round: number; faults: string[] }[] = [];
  const recoveriesMs: number[] = [];
  const twice = new TwiceWatch(fleet.all.folder);
  const clients = new DesktopClients(() => fleet.edges, random, MOST_DESKTOPS);
  const viewers = [ADMIN, PUPIL].map((user) => new RestlessViewer(WATCHED, user, () => fleet.edges));
  try {
    for (let round = 1; round <= options.rounds; round++) {
      const faults = faultsOf(random, options.seconds * 1000);
      const known = { twice: twice.found.length, calls: clients.history.length };
      clients.start();
      const wrong = await runRound(fleet, faults, options.seconds, clients, viewers);
      recoveriesMs.push(wrong.recoveryMs);
      const found = [...wrong.faults, ...twice.found.slice(known.twice)];
      const what = faults.map(
        ({ kind, which, atMs, forMs }) => `${kind} ${which} at ${atMs} for ${forMs} ms`,
      );
      options.say(`round ${round}: ${what.join(', ')}; well after ${Math.round(wrong.recoveryMs)} ms`);
      if (found.length === 0) continue;
      for (const fault of found.slice(0, 10)) options.say(`  FAILED: ${fault}`);
      failed.push({ round, faults: found });
      mkdirSync(options.keep, { recursive: true });
      writeFileSync(
        join(options.keep, `fleet-${options.seed}-${round}.json`),
        JSON.stringify(
          { seed: options.seed, round, faults, found, history: clients.history.slice(known.calls) },
          undefined,
          1,
        ),
      );
    }
  } finally {
    twice.stop();
    await clients.stop();
    await Promise.all(viewers.map((viewer) => viewer.stop()));
    await fleet.close();
  }
  return { failed, reconnectsMs: viewers.flatMap(({ reconnectsMs }) => reconnectsMs), recoveriesMs };
}

async function runRound(
  fleet: TestedFleet,
  faults: readonly Fault[],
  seconds: number,
  clients: DesktopClients,
  viewers: readonly RestlessViewer[],
): Promise<{ faults: string[]; recoveryMs: number }> {
  const over = sleep(seconds * 1000);
  await Promise.all(faults.map((fault) => happen(fault, fleet)));
  const healedMs = performance.now();
  await over;
  await clients.stop();
  const found: string[] = [];
  const attempt = async (what: string, act: () => Promise<unknown>): Promise<void> => {
    await act().catch((error: Error) => found.push(`${what}: ${error.message}`));
  };
  await fleet.heal();
  await attempt('not all is well', () => fleet.isWell(viewers));
  const recoveryMs = performance.now() - healedMs;
  await attempt('acknowledged calls', async () => found.push(...clients.faults(await fleet.names())));
  await attempt('revoking', () => fleet.revokeAndGrant(viewers[1]!));
  return { faults: found, recoveryMs };
}

/** Two edges and two hosts. */
class TestedFleet implements Nodes {
  readonly all: FleetNodes;
  readonly edges: EdgeProcess[] = [];
  readonly hosts: FleetNodeProcess[] = [];

  static async start(store: string | undefined): Promise<TestedFleet> {
    const fleet = new TestedFleet(store);
    for (const which of [0, 1]) await fleet.startEdge(which);
    for (const which of [0, 1]) await fleet.startHost(which);
    await fleet.#asAdmin(async (admin) => {
      await makeDesktop(admin, WATCHED, { size: '320x240', restart: 'elsewhere' });
      await grant(admin, true);
    });
    return fleet;
  }

  private constructor(store: string | undefined) {
    this.all = new FleetNodes(store);
  }

  async startEdge(which: number): Promise<void> {
    this.edges[which] = await this.all.edge(`edge-${which}`);
  }

  async startHost(which: number): Promise<void> {
    const flags = ['--address', `127.0.0.${which + 2}`, '--capacity', String(CAPACITY)];
    this.hosts[which] = await this.all.host(`host-${which}`, flags);
  }

  /** Has all nodes run again. */
  async heal(): Promise<void> {
    for (const which of [0, 1]) {
      if (this.edges[which]!.isEnded) await this.startEdge(which);
      if (this.hosts[which]!.isEnded) await this.startHost(which);
    }
  }

  /** Waits until all hosts report, all desktops run, and all viewers are connected. */
  async isWell(viewers: readonly RestlessViewer[]): Promise<void> {
    let last = '';
    const isWell = (): Promise<boolean> =>
      this.#asAdmin(async (admin) => {
        const hosts: { name: string; state: string }[] = (await admin.get('/api/hosts')).json();
        const desktops: { name: string; state: string; reason: string }[] = (
          await admin.get('/api/desktops')
        ).json();
        const bad = [
          ...hosts.filter(({ state }) => state !== 'up'),
          ...desktops.filter(({ state }) => state !== 'running'),
          ...viewers.filter(({ isConnected }) => !isConnected).map(() => 'a viewer is not connected'),
        ];
        last = JSON.stringify(bad);
        return bad.length === 0;
      });
    await waitFor(
      'all to be well',
      async () => (await isWell()) || (await sleep(200, false)),
      WELL_LIMIT_MS,
    ).catch((error: Error) => {
      throw new Error(`${error.message} ${last}`);
    });
  }

  async names(): Promise<ReadonlySet<string>> {
    return this.#asAdmin(async (admin) => {
      const desktops: { name: string; wanted: string }[] = (await admin.get('/api/desktops')).json();
      return new Set(desktops.filter(({ wanted }) => wanted !== 'gone').map(({ name }) => name));
    });
  }

  /** Takes a right away, waits until its viewer is out and stays out, and gives it back. */
  async revokeAndGrant(viewer: RestlessViewer): Promise<void> {
    await this.#asAdmin(async (admin) => {
      await grant(admin, false);
      await waitFor('the end of a viewer without rights', () => !viewer.isConnected, REVOKED_LIMIT_MS);
      for (const edge of this.edges) {
        const pupil = edge.client(PUPIL);
        const { status } = await pupil.get(`/d/${WATCHED}/api/get_users`);
        pupil.close();
        if (status !== 404) throw new Error(`an edge answers ${status} to a user without rights`);
      }
      if (viewer.isConnected) throw new Error('a viewer without rights is connected again');
      await grant(admin, true);
    });
  }

  async close(): Promise<void> {
    await this.all.close();
  }

  async #asAdmin<T>(act: (admin: HttpsClient) => Promise<T>): Promise<T> {
    const admin = this.edges[0]!.client();
    try {
      return await act(admin);
    } finally {
      admin.close();
    }
  }
}

async function grant(admin: HttpsClient, mayRead: boolean): Promise<void> {
  const grants = mayRead ? [{ right: 'write', desktop: WATCHED }] : [];
  const user = { user: PUPIL.name, password: PUPIL.password, grants };
  const { status, text } = await admin.post('/api/users', [user]);
  if (status !== 204) throw new Error(text());
}
