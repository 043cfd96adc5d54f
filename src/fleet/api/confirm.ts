import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, json } from '../../api/contract/call.ts';
import { Type } from '../../api/contract/schema.ts';
import type { FleetState } from '../store/fleet-state.ts';
import type { FleetNode } from '../store/nodes.ts';
import type { FleetStore } from '../store/store.ts';

/** Seconds for which a call waits for the other nodes if it does not say. One that is cut off never answers. */
const DEFAULT_WAIT_S = 10;

/**
 * Time in ms between two looks at the reports of the others, and the longest such time: each is twice as long as the
 * last one. They report at once what concerns rights, which takes some ms. A smaller value asks the store more often.
 */
const LOOK_EACH_MS = 10;
const LONGEST_LOOK_MS = 500;

/** The parameters of calls that can wait until all nodes have a change. */
export const Confirms = Type.Object({
  confirm: Type.Optional(Type.Enum(['0', '1'], { description: '`1`: answer which nodes have the change' })),
  wait: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 60,
      description: `Seconds for which the call waits for all of them. Default: ${DEFAULT_WAIT_S}`,
    }),
  ),
});

const Confirmation = Type.Object({
  version: Type.Integer({ description: 'Version of the state that has the change' }),
  confirmed: Type.Integer({ description: 'Nodes that act on this version' }),
  missing: Type.Array(Type.String(), { description: 'Nodes of which this is not known' }),
  desktops_told: Type.Boolean({
    description:
      'Whether every host has told its desktops, which then let nobody pass who may not, at any edge',
  }),
});

export const CONFIRMED = {
  description: 'With `confirm=1`: which nodes have the change',
  content: { 'application/json': Confirmation },
};

export interface ConfirmOptions {
  readonly store: FleetStore;
  /** The last reports of all nodes. */
  readonly nodes: () => readonly FleetNode[];
  /** Reads the reports again. */
  readonly hear: () => Promise<void>;
}

/** Whether a call shall wait for the other nodes, and for how long. */
export interface ConfirmParameters {
  readonly confirm?: '0' | '1';
  readonly wait?: number;
}

/** The answer to a change that this process has seen: `otherwise`, or which nodes have the change. */
export async function confirmation(
  { store, nodes, hear }: ConfirmOptions,
  { confirm, wait = DEFAULT_WAIT_S }: ConfirmParameters,
  signal: AbortSignal,
  otherwise: Answer,
): Promise<Answer> {
  if (confirm !== '1') return otherwise;
  const { version } = store.state;
  const untilMs = performance.now() + wait * 1000;
  for (let pauseMs = LOOK_EACH_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_LOOK_MS)) {
    // A store that does not answer confirms nothing.
    await hear().catch(() => {});
    const found = confirmedBy(store.state, nodes(), version);
    const leftMs = untilMs - performance.now();
    if (found.missing.length === 0 || leftMs <= 0) return json({ version, ...found });
    await sleep(Math.min(pauseMs, leftMs), undefined, { signal });
  }
}

/**
 * Which nodes act on a version. A host counts as missing without a report, too, while it has desktops: they run on when
 * it ends, and only it can tell them.
 */
export function confirmedBy(
  { desktop: desktops }: Pick<FleetState, 'desktop'>,
  nodes: readonly FleetNode[],
  version: number,
): { readonly confirmed: number; readonly missing: readonly string[]; readonly desktops_told: boolean } {
  const has = nodes.filter((node) => node.version >= version);
  const hosts = new Set(nodes.filter(({ kind }) => kind === 'host').map(({ id }) => id));
  const missing = nodes.filter((node) => node.version < version);
  const silent = new Set<string>();
  for (const { host, status } of desktops.values())
    if (host !== undefined && status.state !== 'ended' && !hosts.has(host)) silent.add(host);
  const isTold = silent.size === 0 && missing.every(({ kind }) => kind === 'edge');
  return {
    confirmed: has.length,
    missing: [...new Set([...missing.map(({ id }) => id), ...silent])].sort(),
    desktops_told: isTold,
  };
}
