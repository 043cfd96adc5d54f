import type { Caller } from '../../accounts/pass.ts';
import type { Rights } from '../../accounts/user.ts';
import { grantedOf } from '../logins/fleet-pass.ts';
import { fleetProblem } from '../store/errors.ts';
import type { Desktop, FleetState } from '../store/fleet-state.ts';
import { type Granted, rightsOn } from '../store/rights.ts';

/**
 * What the caller has been granted in this state, by groups too, as far as the login leaves it. Throws FLEET_NO_RIGHT
 * if the login is not good any more.
 */
export function callerIn(state: FleetState, caller: Caller): Granted {
  const granted = grantedOf(state, caller);
  if (granted === undefined) throw fleetProblem('FLEET_NO_RIGHT');
  return granted;
}

/** Throws FLEET_NO_RIGHT unless the caller is an admin of the fleet now. */
export function requireAdmin(state: FleetState, caller: Caller): void {
  if (!callerIn(state, caller).owner)
    throw fleetProblem('FLEET_NO_RIGHT', 'Only an admin of the fleet may do this.');
}

/**
 * A desktop that the caller may know of. Throws FLEET_NO_SUCH_DESKTOP. If the caller needs the right of an owner,
 * throws FLEET_NO_RIGHT without it.
 */
export function requireDesktop(
  state: FleetState,
  caller: Caller,
  name: string,
  needs: 'read' | 'owner',
): { readonly desktop: Desktop; readonly rights: Rights } {
  const desktop = state.desktop.get(name);
  const rights = desktop && rightsOn(callerIn(state, caller), desktop);
  if (desktop === undefined || !rights?.read) throw fleetProblem('FLEET_NO_SUCH_DESKTOP');
  if (!rights[needs]) throw fleetProblem('FLEET_NO_RIGHT', 'Only an owner of this desktop may do this.');
  return { desktop, rights };
}
