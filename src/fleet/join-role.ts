import { setTimeout as sleep } from 'node:timers/promises';
import { type HostParts, type HostRole, startHostRole } from './host-role.ts';
import { fleetProblem } from './store/errors.ts';
import type { Desktop, DesktopSettings, FleetState } from './store/fleet-state.ts';
import { LEASE_MS } from './store/nodes.ts';

/** A desktop that something outside of the fleet has started: this process is the host of it alone. */
export interface JoinRole extends Omit<HostRole, 'name' | 'capacity' | 'only'> {
  readonly desktop: string;
  readonly settings: DesktopSettings;
  /** The desktop was removed by the fleet: nothing is left to do. */
  readonly onRemoved: () => void;
}

/** Name of the host of such a desktop. No other host runs it. */
export const joinedHostName = (desktop: string): string => `desktop-${desktop}`;

/** Time in ms between two tries to take the place of an earlier process. */
const RETRY_EACH_MS = 500;

/** Longest wait for the end of an earlier process, in ms: its lease, and a moment. */
const TAKE_OVER_MS = LEASE_MS + 5000;

/**
 * Registers a desktop, or takes back the one of an earlier process, and runs it. `started` ends it: the desktop is
 * `ended` then, and this process leaves the fleet. Throws FLEET_DESKTOP_EXISTS and FLEET_NODE_NAME_TAKEN.
 */
export async function startJoined(
  started: AsyncDisposableStack,
  { desktop: name, settings, onRemoved, ...host }: JoinRole,
  parts: HostParts,
): Promise<void> {
  const { store, heart, log } = parts;
  const role: HostRole = { ...host, name: joinedHostName(name), capacity: 1, only: name };
  started.defer(async () => {
    await store.leave(role.name).catch((err) => log.warn({ err }, 'The store is not told of the end'));
  });
  const running = await takingOver(() => startHostRole(started, role, parts));
  // Before its host lets go of it.
  started.defer(() => running.endDesktop(name, 'It was ended where it was started.'));
  await store.transact((state) => [
    { kind: 'desktop', name, value: joined(state, name, role.name, settings) },
  ]);
  const watch = (_before: FleetState, after: FleetState): void => {
    if (!after.desktop.has(name)) onRemoved();
  };
  store.on('changed', watch);
  started.defer(() => void store.off('changed', watch));
  void heart.beatNow().catch(() => {});
}

/** The desktop as it is to be from now on. */
function joined(state: FleetState, name: string, host: string, settings: DesktopSettings): Desktop {
  const before = state.desktop.get(name);
  if (before !== undefined && before.host !== host)
    throw fleetProblem('FLEET_DESKTOP_EXISTS', `The fleet has another desktop ${name}.`);
  const status = { state: 'starting', reason: '', sinceMs: Date.now() } as const;
  const fresh = { name, createdMs: Date.now(), epoch: 0, key: '', status } as const;
  const hasEnded = before === undefined || before.status.state === 'ended' || before.status.state === 'lost';
  // `elsewhere` has it freeze itself if this process is killed and leaves it behind.
  const value = { ...(before ?? fresh), ...settings, host, restart: 'elsewhere', wanted: 'running' } as const;
  return hasEnded ? { ...value, status } : value;
}

/** An earlier process that was killed counts as alive until its lease is over. */
async function takingOver<T>(start: () => Promise<T>): Promise<T> {
  const untilMs = performance.now() + TAKE_OVER_MS;
  for (;;)
    try {
      return await start();
    } catch (error) {
      const isTaken = (error as { code?: unknown }).code === 'FLEET_NODE_NAME_TAKEN';
      if (!isTaken || performance.now() >= untilMs) throw error;
      await sleep(RETRY_EACH_MS);
    }
}
