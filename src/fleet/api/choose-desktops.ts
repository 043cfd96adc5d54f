import type { User } from '../../accounts/user.ts';
import { fleetProblem } from '../store/errors.ts';
import type { Desktop, FleetState } from '../store/fleet-state.ts';
import { rightsOn } from '../store/rights.ts';
import { callerIn } from './callers.ts';
import { checkLabels } from './fields.ts';

/** Reads the parameter `label`: one label, or several with commas. Throws FLEET_LABEL_INVALID, also if it is empty. */
export function labelsOf(parameter: string): readonly string[] {
  const labels = parameter.split(',');
  checkLabels(labels);
  return labels;
}

/** Whether a desktop has all of these labels. */
export const hasLabels = ({ labels = [] }: Pick<Desktop, 'labels'>, wanted: readonly string[]): boolean =>
  wanted.every((label) => labels.includes(label));

/**
 * The desktops with these labels, of those that the caller may see. Throws FLEET_NO_RIGHT if the caller does not own
 * one of them.
 */
export function ownDesktops(state: FleetState, caller: User, labels: readonly string[]): Desktop[] {
  const user = callerIn(state, caller);
  return [...state.desktop.values()].filter((desktop) => {
    if (!hasLabels(desktop, labels)) return false;
    const rights = rightsOn(user, desktop);
    if (rights.read && !rights.owner)
      throw fleetProblem('FLEET_NO_RIGHT', `Only an owner of ${desktop.name} may do this.`);
    return rights.owner;
  });
}

/** Throws FLEET_NAME_REPEATED if a list names a desktop twice. */
export function requireUnique(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw fleetProblem('FLEET_NAME_REPEATED', `The list names ${name} twice.`);
    seen.add(name);
  }
}
