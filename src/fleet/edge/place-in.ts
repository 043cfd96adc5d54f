import type { Desktop, FleetState } from '../store/fleet-state.ts';
import type { DesktopPlace } from './reach-desktop.ts';

/** The host in the process of an edge. */
export interface OwnHost {
  /** Its name. Undefined if there is none. */
  readonly host: string | undefined;
  /** The Unix socket of one of its desktops. */
  readonly socketOf: (desktop: string) => string;
}

/** Where an edge reaches a desktop. Undefined if its host has told no address. */
export function placeIn(
  state: Pick<FleetState, 'host'>,
  { name, host: hostName, port }: Pick<Desktop, 'name' | 'host' | 'port'>,
  own: OwnHost,
): DesktopPlace | undefined {
  if (hostName === own.host) return { kind: 'unix', path: own.socketOf(name) };
  const { address: host, certificate } = (hostName !== undefined && state.host.get(hostName)) || {};
  if (host === undefined || certificate === undefined || port === undefined) return undefined;
  return { kind: 'tls', host, port, certificate };
}
