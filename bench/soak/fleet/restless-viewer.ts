import { setTimeout as sleep } from 'node:timers/promises';
import type { EdgeProcess } from '../../../test/support/fleet-nodes.ts';
import type { TestLogin } from '../../../test/support/login-headers.ts';
import { Viewer } from '../../../test/support/viewer.ts';

/** Pause in ms between two tries to connect. A page waits as long. */
const RETRY_MS = 250;
/** Longest wait in ms for one connection. A page tries another edge by its load balancer. */
const CONNECT_LIMIT_MS = 2000;

/** Longest time of a timer, in ms. */
const LONGEST_MS = 2 ** 31 - 1;

/** A viewer of one desktop that connects again, by the next edge, whenever its connection ends. */
export class RestlessViewer {
  /** Times in ms from the end of a connection to the next one, if its desktop ran meanwhile. */
  readonly reconnectsMs: number[] = [];
  readonly #desktop: string;
  readonly #user: TestLogin;
  readonly #edges: () => readonly EdgeProcess[];
  #viewer: Viewer | undefined;
  #next = 0;
  #isStopped = false;
  readonly #running: Promise<void>;

  constructor(desktop: string, user: TestLogin, edges: () => readonly EdgeProcess[]) {
    this.#desktop = desktop;
    this.#user = user;
    this.#edges = edges;
    this.#running = this.#run();
  }

  get isConnected(): boolean {
    return this.#viewer !== undefined && this.#viewer.closedReason === undefined;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#viewer?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    let endedMs: number | undefined;
    while (!this.#isStopped) {
      const viewer = await this.#connect();
      if (viewer === undefined) {
        await sleep(RETRY_MS);
        continue;
      }
      if (endedMs !== undefined) this.reconnectsMs.push(performance.now() - endedMs);
      this.#viewer = viewer;
      if (this.#isStopped) await viewer.close();
      await viewer.waitForClose(LONGEST_MS);
      endedMs = performance.now();
    }
  }

  async #connect(): Promise<Viewer | undefined> {
    const edges = this.#edges();
    const edge = edges[this.#next++ % edges.length]!;
    const connecting = Viewer.connectWebSocket(edge.target(this.#desktop, this.#user)).catch(() => undefined);
    const viewer = await Promise.race([connecting, sleep(CONNECT_LIMIT_MS, undefined, { ref: false })]);
    // One that comes too late is not used.
    if (viewer === undefined) void connecting.then((late) => late?.close());
    return viewer;
  }
}
