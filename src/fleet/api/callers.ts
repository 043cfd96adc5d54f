import type { StoredUser } from '../../accounts/store-state.ts';
import type { Rights, User } from '../../accounts/user.ts';
import { fleetProblem } from '../store/errors.ts';
import type { Desktop, FleetState } from '../store/fleet-state.ts';
import { rightsOn } from '../store/rights.ts';

/** The caller as the store has the user now. Throws FLEET_NO_RIGHT if there is none any more. */
export function callerIn(state: FleetState, { name }: User): StoredUser {
  const user = state.user.get(name);
  if (user === undefined) throw fleetProblem('FLEET_NO_RIGHT');
  return user;
}

/** Throws FLEET_NO_RIGHT unless the caller is an admin of the fleet now. */
export function requireAdmin(state: FleetState, caller: User): void {
  if (!callerIn(state, caller).owner)
    throw fleetProblem('FLEET_NO_RIGHT', 'Only an admin of the fleet may do this.');
}

/**
 * A desktop that the caller may know of. Throws FLEET_NO_SUCH_DESKTOP. If the caller needs the right of an owner,
 * throws FLEET_NO_RIGHT without it.
 */
export function requireDesktop(
  state: FleetState,
  caller: User,
  name: string,
  needs: 'read' | 'owner',
): { readonly desktop: Desktop; readonly rights: Rights } {
  const desktop = state.desktop.get(name);
  const rights = desktop && rightsOn(callerIn(state, caller), desktop);
  if (desktop === undefined || !rights?.read) throw fleetProblem('FLEET_NO_SUCH_DESKTOP');
  if (!rights[needs]) throw fleetProblem('FLEET_NO_RIGHT', 'Only an owner of this desktop may do this.');
  return { desktop, rights };
}
