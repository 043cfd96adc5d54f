import { setTimeout as sleep } from 'node:timers/promises';
import type { EdgeProcess } from '../../../test/support/fleet-nodes.ts';
import type { HttpsClient } from '../../../test/support/https-client.ts';

/** What the clients know of one desktop: what the fleet has acknowledged, and whether a later call is open. */
interface Known {
  wanted: 'there' | 'gone';
  /** Whether a call about it has failed, which may have been carried out. */
  isUnsure: boolean;
}

/** Longest wait in ms for an answer. An edge that stands still gives none. */
const CALL_LIMIT_MS = 5000;
/** Pause in ms between two calls of a client. */
const PAUSE_MS = 700;

/** Makes and removes desktops by both edges, and keeps what was acknowledged. */
export class DesktopClients {
  /** Each call and its outcome, in the order of their ends. */
  readonly history: object[] = [];
  readonly #known = new Map<string, Known>();
  readonly #edges: () => readonly EdgeProcess[];
  readonly #random: () => number;
  readonly #most: number;
  #made = 0;
  #isStopped = false;
  #running: Promise<void> | undefined;

  constructor(edges: () => readonly EdgeProcess[], random: () => number, most: number) {
    this.#edges = edges;
    this.#random = random;
    this.#most = most;
  }

  start(): void {
    this.#isStopped = false;
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  /** What is wrong with the desktops that there are, when no call is open. */
  faults(names: ReadonlySet<string>): string[] {
    const faults: string[] = [];
    for (const [name, { wanted, isUnsure }] of this.#known) {
      if (isUnsure) continue;
      if (wanted === 'there' && !names.has(name)) faults.push(`${name} was made, and is not there`);
      if (wanted === 'gone' && names.has(name)) faults.push(`${name} was removed, and is there`);
    }
    return faults;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const there = [...this.#known].filter(([, { wanted }]) => wanted === 'there').map(([name]) => name);
      const edges = this.#edges();
      const client = edges[Math.floor(this.#random() * edges.length)]!.client();
      const isToMake = there.length === 0 || (there.length < this.#most && this.#random() < 0.6);
      if (isToMake) await this.#call(client, `soak-${this.#made++}`, 'there');
      else await this.#call(client, there[Math.floor(this.#random() * there.length)]!, 'gone');
      client.close();
      await sleep(PAUSE_MS);
    }
  }

  async #call(client: HttpsClient, name: string, wanted: Known['wanted']): Promise<void> {
    const known = this.#known.get(name) ?? { wanted: 'gone', isUnsure: false };
    this.#known.set(name, { ...known, isUnsure: true });
    const atMs = Date.now();
    const outcome = await this.#send(client, name, wanted).catch((error: Error) => error.message);
    this.history.push({ atMs, tookMs: Date.now() - atMs, name, wanted, outcome });
    // A refusal has changed nothing; without an answer it may have been carried out.
    if (outcome === 'done') this.#known.set(name, { wanted, isUnsure: false });
    else if (typeof outcome === 'number') this.#known.set(name, known);
    else this.#known.set(name, { wanted, isUnsure: true });
  }

  async #send(client: HttpsClient, name: string, wanted: Known['wanted']): Promise<'done' | number> {
    const options = { timeoutMs: CALL_LIMIT_MS };
    const body = { name, command: 'exec sleep 100000', size: '320x240', restart: 'elsewhere' };
    const { status } =
      wanted === 'there'
        ? await client.post('/api/desktops', body, options)
        : await client.send(`/api/desktops/${name}`, { ...options, method: 'DELETE' });
    return status < 300 ? 'done' : status;
  }
}
