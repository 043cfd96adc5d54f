import { isDeepStrictEqual } from 'node:util';
import { fleetProblem } from '../store/errors.ts';
import type { FleetChange, FleetHost } from '../store/fleet-state.ts';
import { isLive, LEASE_MS } from '../store/nodes.ts';
import { type FleetStore, MAX_CHANGES } from '../store/store.ts';

/**
 * Tells the store of this host, before its first report. Desktops that it had under another name, or in a fleet whose
 * host had none, become its own. Returns whether the store has known it before. Throws FLEET_NODE_NAME_TAKEN.
 */
export async function introduceHost(store: FleetStore, host: FleetHost): Promise<boolean> {
  let isKnown = false;
  await store.transact((state, nodes) => {
    const before = state.host.get(host.name);
    const others = [...state.host.values()].filter(({ name }) => name !== host.name);
    // The name of a machine may change, and that of a container does so each time.
    const former = others.filter(({ instance }) => instance !== undefined && instance === host.instance);
    isKnown = former.length > 0 || (before !== undefined && before.instance === host.instance);
    const isTaken = before !== undefined && before.instance !== host.instance;
    if (isTaken && isLive(nodes.find(({ id }) => id === host.name)))
      throw fleetProblem(
        'FLEET_NODE_NAME_TAKEN',
        `Another host with the name ${host.name} reports, or did so in the last ${LEASE_MS / 1000} s. Give this one another --name, or the data folder of the other one.`,
      );
    const isDraining = [before, ...former].some((one) => one?.isDraining === true);
    const value: FleetHost = { ...host, ...(isDraining && { isDraining }) };
    const changes: FleetChange[] = [];
    if (!isDeepStrictEqual(before, value)) changes.push({ kind: 'host', name: host.name, value });
    const names = new Set<string | undefined>(former.map(({ name }) => name));
    if (state.host.size === 0) names.add(undefined);
    for (const desktop of state.desktop.values())
      if (names.has(desktop.host))
        changes.push({ kind: 'desktop', name: desktop.name, value: { ...desktop, host: host.name } });
    for (const { name } of former) changes.push({ kind: 'host', name, value: undefined });
    return changes.slice(0, MAX_CHANGES);
  });
  return isKnown;
}
