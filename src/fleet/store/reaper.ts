import type { Logger } from 'pino';
import type { FleetState } from './fleet-state.ts';
import type { Heart } from './heart.ts';
import { type FleetNode, LEASE_MS } from './nodes.ts';
import { reaped } from './reaping.ts';
import type { FleetStore } from './store.ts';

/** Time in ms between two looks for lost hosts. A larger value finds them later. */
const LOOK_EACH_MS = 1000;

/**
 * Age in ms at which the report of an edge is forgotten. Until then it counts as missing where all nodes have to
 * confirm a change, because it may still have viewers.
 */
const FORGET_MS = 60 * 60_000;

export interface ReaperOptions {
  readonly store: FleetStore;
  readonly heart: Heart;
  readonly log: Logger;
}

/**
 * Looks after hosts that are lost, in the process that leads. It acts only if this process itself has reached the store
 * for as long as a lease: after an outage of the store no host has reported, and none of them is lost.
 */
export class Reaper {
  readonly #options: ReaperOptions;
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void> | undefined;

  constructor(options: ReaperOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look()
        .catch((err) => options.log.warn({ err }, 'Lost hosts cannot be looked after'))
        .finally(() => {
          this.#looking = undefined;
        });
    }, LOOK_EACH_MS).unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { store, heart, log } = this.#options;
    const isSteady = (): boolean => heart.steadyMs >= LEASE_MS;
    const nodes = heart.nodes;
    const old = nodes.filter(({ kind, ageMs }) => kind === 'edge' && ageMs >= FORGET_MS);
    if (!isSteady() || (old.length === 0 && this.#due(store.state, nodes).length === 0)) return;
    if (!(await store.lead())) return;
    for (const { id } of old) await store.leave(id);
    // The reports are read again with the state, so that a host that has just come back keeps its desktops.
    await store.transact((state, now) => {
      const changes = isSteady() ? this.#due(state, now) : [];
      for (const { kind, name, value } of changes)
        if (kind === 'desktop')
          log.warn({ desktop: name, host: value?.host, state: value?.status.state }, 'A host is lost');
      return changes;
    });
  }

  #due = (state: FleetState, nodes: readonly FleetNode[]) => reaped(state, nodes, Date.now());
}
