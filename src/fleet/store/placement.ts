import { fleetProblem } from './errors.ts';
import type { Desktop, DesktopStatus, FleetHost, FleetState } from './fleet-state.ts';
import { type FleetNode, LEASE_MS, SILENT_MS } from './nodes.ts';

/**
 * Hosts that are compared for a new desktop. With more, one host whose desktops do not start gets all of them, because
 * it always has the most room; with fewer, hosts are used less evenly.
 */
const COMPARED = 3;

/** A host, and whether it takes a desktop now. */
export interface HostView {
  readonly host: FleetHost;
  readonly state: 'up' | 'draining' | 'silent' | 'lost';
  /** Desktops that run there, or are to run. */
  readonly used: number;
  /** Age of its last report in ms. Undefined if it has none. */
  readonly ageMs: number | undefined;
  /** Why it takes no more desktops, as a sentence. Empty if it takes one. */
  readonly reason: string;
}

/** Whether a desktop takes a place of its host's capacity. */
const takesPlace = ({ status }: { readonly status: DesktopStatus }): boolean =>
  status.state === 'lost' ? status.was !== undefined : status.state !== 'ended';

/** All hosts as they are for a new desktop, or for `desktop`, whose own place counts as free. */
export function hostViews(
  { host: hosts, desktop: desktops }: Pick<FleetState, 'host' | 'desktop'>,
  nodes: readonly FleetNode[],
  desktop?: string,
): HostView[] {
  const used = new Map<string, number>();
  for (const other of desktops.values())
    if (other.host !== undefined && other.name !== desktop && takesPlace(other))
      used.set(other.host, (used.get(other.host) ?? 0) + 1);
  const ages = new Map(nodes.map(({ id, kind, ageMs }) => [kind === 'host' ? id : '', ageMs]));
  const byName = [...hosts.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return byName.map((host) => viewOf(host, used.get(host.name) ?? 0, ages.get(host.name), desktop));
}

function viewOf(
  host: FleetHost,
  used: number,
  ageMs: number | undefined,
  desktop: string | undefined,
): HostView {
  const { capacity, isDraining, only } = host;
  const common = { host, used, ageMs };
  if (ageMs === undefined) return { ...common, state: 'lost', reason: 'It does not run.' };
  const silent = `It has not reported for ${Math.floor(ageMs / 1000)} s.`;
  if (ageMs >= LEASE_MS) return { ...common, state: 'lost', reason: silent };
  if (ageMs >= SILENT_MS) return { ...common, state: 'silent', reason: silent };
  if (isDraining) return { ...common, state: 'draining', reason: 'It is draining.' };
  if (only !== undefined && only !== desktop)
    return { ...common, state: 'up', reason: `It runs the desktop ${only} alone.` };
  const isFull = used >= capacity;
  return { ...common, state: 'up', reason: isFull ? fullReason(used, host) : '' };
}

/**
 * The host for a new desktop: of a few that take one, the one with the largest part of its capacity free. Undefined if
 * there is none.
 */
export function chooseHost(
  views: readonly HostView[],
  random: () => number = Math.random,
): string | undefined {
  const open = views.filter(({ reason }) => reason === '');
  const few: HostView[] = [];
  while (few.length < COMPARED && open.length > 0)
    few.push(...open.splice(Math.floor(random() * open.length), 1));
  const free = ({ used, host }: HostView): number => 1 - used / host.capacity;
  return few.toSorted((a, b) => free(b) - free(a))[0]?.host.name;
}

/** Gives each of some new desktops a host. Throws FLEET_CAPACITY, with the reason of each host, if one gets none. */
export function placed(
  state: Pick<FleetState, 'host' | 'desktop'>,
  nodes: readonly FleetNode[],
  desktops: readonly Desktop[],
): Desktop[] {
  const views = new Map(hostViews(state, nodes).map((view) => [view.host.name, view]));
  return desktops.map((desktop) => {
    const host = chooseHost([...views.values()]);
    if (host === undefined) throw fleetProblem('FLEET_CAPACITY', reasonsOf([...views.values()]));
    views.set(host, withOneMore(views.get(host)!));
    return { ...desktop, host };
  });
}

/** A view after one more desktop was placed there. */
export function withOneMore(view: HostView): HostView {
  const used = view.used + 1;
  const isFull = view.reason === '' && used >= view.host.capacity;
  return { ...view, used, reason: isFull ? fullReason(used, view.host) : view.reason };
}

const fullReason = (used: number, { capacity }: FleetHost): string =>
  `It has ${used} of ${capacity} desktops.`;

/**
 * The host on which a desktop is started anew: its own, where its files are, or another one if its own takes it no more
 * and the desktop may run elsewhere. Throws FLEET_CAPACITY.
 */
export function requireHostAgain(state: FleetState, nodes: readonly FleetNode[], desktop: Desktop): string {
  const views = hostViews(state, nodes, desktop.name);
  const own = views.find(({ host }) => host.name === desktop.host);
  const other = (): string => placed(state, nodes, [desktop])[0]!.host!;
  if (own === undefined) return other();
  // A draining host takes no new desktops, but keeps those that it has.
  if (own.reason === '' || (own.state === 'draining' && takesPlace(desktop))) return own.host.name;
  if (mayMove(desktop, own)) return other();
  throw fleetProblem('FLEET_CAPACITY', reasonsOf([own]));
}

/**
 * Whether a desktop may be started on another host than its own: it was never started there, or may lose its files and
 * has no process there that runs.
 */
export function mayMove(
  { restart, isLeased, epoch, status }: Desktop,
  own: Pick<HostView, 'state' | 'host'>,
): boolean {
  if (own.host.only !== undefined) return false;
  if (epoch === 0) return true;
  if (restart !== 'elsewhere') return false;
  const hasEnded = status.state === 'ended' || (status.state === 'lost' && status.was === undefined);
  // When the lease of the host is over, the process has frozen itself.
  return hasEnded || (isLeased === true && own.state === 'lost');
}

/** At most this number of hosts are named in a refusal. */
const MOST_NAMED = 5;

function reasonsOf(views: readonly HostView[]): string {
  if (views.length === 0) return 'There is no host.';
  const named = views.slice(0, MOST_NAMED).map(({ host, reason }) => `${host.name}: ${reason}`);
  const more = views.length - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more: GET /api/hosts`] : [])].join(' ');
}
