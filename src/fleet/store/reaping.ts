import type { Desktop, FleetChange, FleetState } from './fleet-state.ts';
import type { FleetNode } from './nodes.ts';
import { chooseHost, type HostView, hostViews, mayMove, withOneMore } from './placement.ts';
import { changesOfRemoval } from './removed-desktop.ts';
import { MAX_CHANGES } from './store.ts';

/**
 * The changes to desktops whose host has lost its lease: those that may run elsewhere are placed on another host, the
 * others are lost until their host is back. `nowMs` is a time of `Date.now()`.
 */
export function reaped(state: FleetState, nodes: readonly FleetNode[], nowMs: number): FleetChange[] {
  const views = new Map(hostViews(state, nodes).map((view) => [view.host.name, view]));
  const changes: FleetChange[] = [];
  for (const desktop of state.desktop.values()) {
    if (changes.length >= MAX_CHANGES) break;
    const own = desktop.host === undefined ? undefined : (views.get(desktop.host) ?? GONE);
    if (own === undefined || own.state !== 'lost') continue;
    const { name, wanted } = desktop;
    if (wanted === 'gone') {
      // Nobody else would remove it. Alone, because the removals of two desktops may change the same users.
      if (own === GONE || hasLeft(own)) return changesOfRemoval(state, name);
      continue;
    }
    if (!isToMove(desktop, own)) {
      if (isToBeLost(desktop)) changes.push({ kind: 'desktop', name, value: lost(desktop, own, nowMs) });
      continue;
    }
    const host = chooseHost([...views.values()]);
    if (host === undefined) {
      if (isToBeLost(desktop)) changes.push({ kind: 'desktop', name, value: lost(desktop, own, nowMs) });
      continue;
    }
    views.set(host, withOneMore(views.get(host)!));
    changes.push({ kind: 'desktop', name, value: moved(desktop, host, nowMs) });
  }
  for (const view of views.values()) {
    const { name, only } = view.host;
    if (only !== undefined && hasLeft(view) && !state.desktop.has(only) && changes.length < MAX_CHANGES)
      changes.push({ kind: 'host', name, value: undefined });
  }
  return changes;
}

/** Whether it was the host of one desktop that was started from outside, and has left with it. */
const hasLeft = ({ host, ageMs }: HostView): boolean => host.only !== undefined && ageMs === undefined;

/** Stands for a host that was removed. */
const GONE: HostView = {
  ...{ host: { name: '', capacity: 0 }, state: 'lost', used: 0, ageMs: undefined },
  reason: 'It was removed.',
};

/** Whether it is to run, and may do so elsewhere. */
const isToMove = (desktop: Desktop, own: HostView): boolean =>
  isToBeLost(desktop) || desktop.status.was !== undefined ? mayMove(desktop, own) : false;

const isToBeLost = ({ status }: Desktop): boolean => status.state !== 'ended' && status.state !== 'lost';

function lost(desktop: Desktop, { host, ageMs }: HostView, nowMs: number): Desktop {
  const since =
    ageMs === undefined ? '' : ` since ${new Date(nowMs - ageMs).toISOString().slice(11, 16)} UTC`;
  const { state } = desktop.status;
  const was = state === 'ended' || state === 'lost' ? undefined : state;
  const reason =
    host === GONE.host ? 'Its host was removed.' : `Its host ${host.name} does not answer${since}.`;
  // What ran on a host that was removed does not come back.
  return {
    ...desktop,
    status: { state: 'lost', reason, sinceMs: nowMs, ...(host !== GONE.host && was && { was }) },
  };
}

function moved(desktop: Desktop, host: string, nowMs: number): Desktop {
  const { port: _port, isLeased: _isLeased, ...rest } = desktop;
  const reason = `It is started anew on ${host}, because its host ${desktop.host} does not answer.`;
  return { ...rest, host, status: { state: 'starting', reason, sinceMs: nowMs } };
}
