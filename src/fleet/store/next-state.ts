import { fleetProblem } from './errors.ts';
import { changedState, type FleetChange, type FleetState, type Kind } from './fleet-state.ts';
import { MAX_CHANGES, MAX_ENTRIES } from './store.ts';

/**
 * The state after the changes of one transaction, at the next version. Throws FLEET_TOO_MANY_CHANGES and
 * FLEET_STORE_FULL.
 */
export function nextState(before: FleetState, changes: readonly FleetChange[]): FleetState {
  if (changes.length > MAX_CHANGES) throw fleetProblem('FLEET_TOO_MANY_CHANGES');
  const after = changedState(before, changes, before.version + 1);
  for (const [kind, most] of Object.entries(MAX_ENTRIES) as [Kind, number][])
    if (after[kind].size > most && after[kind].size > before[kind].size)
      throw fleetProblem('FLEET_STORE_FULL', `There may be ${most} entries of the kind ${kind}.`);
  return after;
}
