import { isDeepStrictEqual } from 'node:util';
import { fleetProblem } from '../store/errors.ts';
import type { FleetChange, FleetHost } from '../store/fleet-state.ts';
import { isLive } from '../store/nodes.ts';
import { type FleetStore, MAX_CHANGES } from '../store/store.ts';

/**
 * Tells the store of this host, before its first report. Desktops of a fleet that had one host without a name become its
 * own. Returns whether the store has known it before. Throws FLEET_NODE_NAME_TAKEN.
 */
export async function introduceHost(store: FleetStore, host: FleetHost): Promise<boolean> {
  let isKnown = false;
  await store.transact((state, nodes) => {
    const before = state.host.get(host.name);
    isKnown = before !== undefined && before.instance === host.instance;
    if (before !== undefined && !isKnown && isLive(nodes.find(({ id }) => id === host.name)))
      throw fleetProblem('FLEET_NODE_NAME_TAKEN', `Another host with the name ${host.name} reports.`);
    const value: FleetHost = { ...host, ...(before?.isDraining === true && { isDraining: true }) };
    const changes: FleetChange[] = [];
    if (!isDeepStrictEqual(before, value)) changes.push({ kind: 'host', name: host.name, value });
    if (state.host.size === 0)
      for (const desktop of state.desktop.values())
        if (desktop.host === undefined)
          changes.push({ kind: 'desktop', name: desktop.name, value: { ...desktop, host: host.name } });
    return changes.slice(0, MAX_CHANGES);
  });
  return isKnown;
}
