import type { Desktop, FleetState } from '../store/fleet-state.ts';
import { type Granted, rightsOn } from '../store/rights.ts';

/** Every type of event of a fleet, with what it says. docs/events.md lists the same. */
export const FLEET_EVENT_TYPES = {
  desktop_made: 'There is a new desktop.',
  desktop_starting: 'A desktop is being started.',
  desktop_started: 'A desktop runs, after its start or a pause.',
  desktop_paused: 'A desktop is frozen.',
  desktop_ended: 'A desktop has ended.',
  desktop_lost: 'A desktop is lost, or its host does not answer.',
  desktop_removed: 'A desktop and its files are gone.',
  user_changed: 'A user of the fleet was added, changed or removed.',
  group_changed: 'A group was added, changed or removed.',
  viewer_joined: 'A viewer has connected by this edge.',
  viewer_left: 'The connection of a viewer by this edge has ended.',
} as const;

type FleetEventType = keyof typeof FLEET_EVENT_TYPES;

type Change = 'added' | 'changed' | 'removed';

/** What happened. The fields have the names that callers of the API see. */
type FleetEvent =
  | {
      readonly type: Extract<FleetEventType, `desktop_${string}`>;
      readonly desktop: string;
      /** Why, as a sentence for people. */
      readonly reason: string;
    }
  | {
      readonly type: 'user_changed';
      readonly user: string;
      readonly change: Change;
      readonly admin: boolean;
      readonly password_changed: boolean;
    }
  | { readonly type: 'group_changed'; readonly group: string; readonly change: Change }
  | {
      readonly type: 'viewer_joined' | 'viewer_left';
      readonly desktop: string;
      /** Null for a user of the desktop itself. */
      readonly user: string | null;
    };

/** Who may know of an event: who has a right on a desktop, or admins and the user whom it is about. */
export type Audience =
  | { readonly desktop: Pick<Desktop, 'name' | 'labels'>; readonly needs: 'read' | 'owner' }
  | { readonly user: string | undefined };

export interface AddressedEvent {
  readonly event: FleetEvent;
  readonly audience: Audience;
}

/** Whether a caller with these grants may know of an event. */
export function mayKnow(granted: Granted, audience: Audience): boolean {
  if ('desktop' in audience) return rightsOn(granted, audience.desktop)[audience.needs];
  return granted.owner || (granted.limit === undefined && granted.name === audience.user);
}

/** What happened between two states. */
export function eventsBetween(before: FleetState, after: FleetState): AddressedEvent[] {
  return [...ofDesktops(before, after), ...ofUsers(before, after), ...ofGroups(before, after)];
}

const OF_STATES = {
  starting: 'desktop_starting',
  running: 'desktop_started',
  paused: 'desktop_paused',
  ended: 'desktop_ended',
  lost: 'desktop_lost',
} as const satisfies Record<Desktop['status']['state'], FleetEventType>;

function ofDesktops({ desktop: before }: FleetState, { desktop: after }: FleetState): AddressedEvent[] {
  if (before === after) return [];
  const events: AddressedEvent[] = [];
  const add = (
    type: Extract<FleetEventType, `desktop_${string}`>,
    desktop: Desktop,
    reason: string,
  ): void => {
    const event = { type, desktop: desktop.name, reason };
    events.push({ event, audience: { desktop, needs: 'read' } });
  };
  for (const [name, is] of after) {
    const was = before.get(name);
    if (was === is) continue;
    if (was === undefined || was.createdMs !== is.createdMs) add('desktop_made', is, '');
    if (was?.status.state !== is.status.state) add(OF_STATES[is.status.state], is, is.status.reason);
  }
  for (const [name, was] of before) if (!after.has(name)) add('desktop_removed', was, '');
  return events;
}

function ofUsers({ user: before }: FleetState, { user: after }: FleetState): AddressedEvent[] {
  return changesOf(before, after).map(({ name, change }) => {
    const [was, is] = [before.get(name), after.get(name)];
    const isOther = change === 'changed' && was?.passwordId !== is?.passwordId;
    const facts = { admin: is?.owner ?? false, password_changed: change === 'added' || isOther };
    return { event: { type: 'user_changed', user: name, change, ...facts }, audience: { user: name } };
  });
}

const ofGroups = ({ group: before }: FleetState, { group: after }: FleetState): AddressedEvent[] =>
  changesOf(before, after).map(({ name: group, change }) => ({
    event: { type: 'group_changed', group, change },
    audience: { user: undefined },
  }));

function changesOf(
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): { readonly name: string; readonly change: Change }[] {
  if (before === after) return [];
  const changes: { name: string; change: Change }[] = [];
  for (const [name, is] of after) {
    const was = before.get(name);
    if (was !== is) changes.push({ name, change: was === undefined ? 'added' : 'changed' });
  }
  for (const name of before.keys()) if (!after.has(name)) changes.push({ name, change: 'removed' });
  return changes;
}
