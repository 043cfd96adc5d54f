import { EventEmitter } from 'node:events';
import { uptime } from 'node:os';
import type { Logger } from 'pino';
import { BEAT_MS, type FleetNode, isLive, type NodeReport } from './nodes.ts';
import type { FleetStore } from './store.ts';

export interface HeartOptions {
  readonly store: FleetStore;
  readonly id: string;
  readonly kind: NodeReport['kind'];
  /** Viewers that pass through this process now, by desktop. */
  readonly viewers: () => NodeReport['viewers'];
  readonly log: Logger;
}

interface HeartEvents {
  /** A report has reached the store. `sentMs` is the uptime of the machine in ms when it left. */
  beat: [sentMs: number];
}

/** Time between two reports that are in time. A pause that is longer breaks the series. */
const MOST_BETWEEN_MS = 2.5 * BEAT_MS;

/** Uptime of the machine in ms. All of its processes have the same, it is never set, and it goes on in a standby. */
export const uptimeMs = (): number => uptime() * 1000;

/** Reports this process to the store at intervals, and keeps what the others have reported. */
export class Heart extends EventEmitter<HeartEvents> {
  readonly #options: HeartOptions;
  /** Version of the state that this process acts on: by default the newest that it has seen. */
  version = (): number => this.#options.store.state.version;
  #nodes: readonly FleetNode[] = [];
  #viewersElsewhere: ReadonlyMap<string, number> = new Map();
  #sentMs = Number.NEGATIVE_INFINITY;
  #readMs = 0;
  #steadySinceMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;
  #soon: NodeJS.Immediate | undefined;
  #isClosed = false;
  #isSilent = false;

  constructor(options: HeartOptions) {
    super();
    this.#options = options;
  }

  get id(): string {
    return this.#options.id;
  }

  /** Time in ms since the last report left that has reached the store. */
  get silentMs(): number {
    return uptimeMs() - this.#sentMs;
  }

  /** Time in ms for which reports have reached the store, without a pause until now. */
  get steadyMs(): number {
    return this.silentMs > MOST_BETWEEN_MS ? 0 : uptimeMs() - this.#steadySinceMs;
  }

  /** The reports of all nodes, as old as they are now. */
  get nodes(): readonly FleetNode[] {
    const sinceMs = uptimeMs() - this.#readMs;
    return this.#nodes.map((node) => ({ ...node, ageMs: node.ageMs + sinceMs }));
  }

  /** Viewers at other live nodes, by desktop, as of the last report. */
  get viewersElsewhere(): ReadonlyMap<string, number> {
    return this.#viewersElsewhere;
  }

  /** Begins with the first report. Throws FLEET_STORE_FULL and FLEET_STORE_UNAVAILABLE. */
  async start(): Promise<void> {
    await this.#beat();
    this.#plan();
  }

  /** Reports at once, so that others see what this process has done. Failures are those of the next report, too. */
  async beatNow(): Promise<void> {
    await this.#beating;
    if (!this.#isClosed) await this.#beat();
  }

  /** Reports in the next turn, once for all that happens in this one: what ends by it ends before. */
  beatSoon(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      // What fails is reported with the next beat.
      void this.beatNow().catch(() => {});
    });
  }

  /** Reports no more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearImmediate(this.#soon);
    await this.#beating?.catch(() => {});
  }

  #plan(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#again(), BEAT_MS);
  }

  async #again(): Promise<void> {
    try {
      await this.#beat();
      if (this.#isSilent) this.#options.log.info('The store of the fleet answers again');
      this.#isSilent = false;
    } catch (err) {
      if (!this.#isSilent) this.#options.log.warn({ err }, 'The store of the fleet does not answer');
      this.#isSilent = true;
    }
    this.#plan();
  }

  #beat(): Promise<void> {
    this.#beating = this.#report();
    return this.#beating;
  }

  async #report(): Promise<void> {
    const { store, id, kind, viewers } = this.#options;
    const sentMs = uptimeMs();
    const nodes = await store.beat({ id, kind, version: this.version(), viewers: viewers() });
    const isPause = sentMs - this.#sentMs > MOST_BETWEEN_MS;
    this.#nodes = nodes;
    this.#viewersElsewhere = viewersOf(nodes.filter((node) => node.id !== id && isLive(node)));
    this.#readMs = uptimeMs();
    // An answer that took long is a pause, too.
    if (isPause || this.#readMs - sentMs > MOST_BETWEEN_MS) this.#steadySinceMs = sentMs;
    this.#sentMs = sentMs;
    this.emit('beat', sentMs);
  }
}

function viewersOf(nodes: readonly FleetNode[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { viewers } of nodes)
    for (const [desktop, count] of Object.entries(viewers))
      sums.set(desktop, (sums.get(desktop) ?? 0) + count);
  return sums;
}
