import type { Config } from '../config/config.ts';
import { type FleetCommand, runFleetCommand } from './fleet-command.ts';
import {
  COMMON_KEYS,
  EDGE_FLAGS,
  EDGE_KEYS,
  type FleetValues,
  machineName,
  nameFlag,
} from './fleet-flags.ts';
import { edgeHelp } from './fleet-help.ts';

const KEYS = [...EDGE_KEYS, ...COMMON_KEYS];

export const EDGE_COMMAND: FleetCommand = {
  name: 'edge',
  keys: KEYS,
  flags: [nameFlag('edge', 'that of the machine and the port'), ...EDGE_FLAGS],
  help: (flags) => edgeHelp(KEYS, flags),
  roles: (values, config) => ({ edge: { name: edgeName(values, config), ...values.staleness } }),
  ready: ({ urls }, { edge }) => `Deskwire edge ready: ${urls[0]} (${edge!.name})`,
};

/** Runs `deskwire edge`, one more way into a fleet. */
export const edge = (args: readonly string[]): Promise<void> => runFleetCommand(EDGE_COMMAND, args);

/** The name of an edge, by default one that no other edge of the machine has. */
export function edgeName(values: FleetValues, { listen, port }: Config): string {
  const [first] = listen;
  const place = first?.kind === 'tcp' ? (first.port ?? port) : process.pid;
  return values.text('name') ?? `${machineName()}-${place === 0 ? process.pid : place}`;
}
