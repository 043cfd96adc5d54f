import { setTimeout as sleep } from 'node:timers/promises';
import { killDesktop } from '../../../src/fleet/host/desktop-process.ts';
import type { EdgeProcess, FleetNodeProcess, FleetNodes } from '../../../test/support/fleet-nodes.ts';

/** Kinds of faults. */
const FAULTS = ['kill edge', 'stop edge', 'kill host', 'stop host', 'kill desktop'] as const;
type FaultKind = (typeof FAULTS)[number];

/** Something that breaks in a round. */
export interface Fault {
  readonly kind: FaultKind;
  /** Which of the edges, of the hosts or of the desktops. */
  readonly which: number;
  /** When, and for how long, in ms. */
  readonly atMs: number;
  readonly forMs: number;
}

/** The nodes of a fleet under test, whose processes are replaced. */
export interface Nodes {
  readonly all: FleetNodes;
  readonly edges: EdgeProcess[];
  readonly hosts: FleetNodeProcess[];
  startEdge(which: number): Promise<void>;
  startHost(which: number): Promise<void>;
}

/** The faults of a round: one or two, of which the second one may come while the first one lasts. */
export function faultsOf(random: () => number, lastsMs: number): Fault[] {
  const count = random() < 0.5 ? 1 : 2;
  return Array.from({ length: count }, () => ({
    kind: FAULTS[Math.floor(random() * FAULTS.length)]!,
    which: Math.floor(random() * 2),
    atMs: Math.floor(random() * 0.3 * lastsMs),
    forMs: Math.floor((0.1 + random() * 0.4) * lastsMs),
  })).toSorted((a, b) => a.atMs - b.atMs);
}

/** Has it happen, and ends it. Resolves when what was ended has been started again. */
export async function happen({ kind, which, atMs, forMs }: Fault, nodes: Nodes): Promise<void> {
  await sleep(atMs);
  const node = kind.endsWith('edge') ? nodes.edges[which]! : nodes.hosts[which]!;
  switch (kind) {
    case 'kill desktop': {
      const [victim] = nodes.all.desktopsOn(node);
      if (victim !== undefined) killDesktop(victim);
      return;
    }
    case 'stop edge':
    case 'stop host':
      await nodes.all.stop(node);
      await sleep(forMs);
      node.signal('SIGCONT');
      return;
    default:
      await node.end('SIGKILL');
      await sleep(forMs);
      // Another fault may have started it in the meantime.
      if (!(kind === 'kill edge' ? nodes.edges : nodes.hosts)[which]!.isEnded) return;
      await (kind === 'kill edge' ? nodes.startEdge(which) : nodes.startHost(which));
  }
}
