/** A desktop as the fleet's API shows it. */
export interface FleetDesktop {
  readonly name: string;
  readonly wanted: 'running' | 'paused' | 'gone';
  readonly state: 'starting' | 'running' | 'paused' | 'ended' | 'lost';
  /** Why, as an English sentence. */
  readonly reason: string;
  /** Time from which on it has been so, such as `2026-11-29T10:42:00.000Z`. */
  readonly since: string;
  readonly viewers: number;
  readonly rights: { readonly read: boolean; readonly write: boolean; readonly owner: boolean };
}

/** Who is connected to a desktop. Owners are told the names, and what holds each of them up. */
export interface DesktopViewers {
  readonly count: number;
  readonly named?: readonly { readonly user: string; readonly cpu: number; readonly network: number }[];
}

/** What an owner can do with a desktop. */
export type Deed = 'pause' | 'resume' | 'start' | 'restart' | 'remove';

/** The deeds that make sense for a desktop now, for this user. The first one is what most users want, if any is. */
export interface Deeds {
  readonly first: Deed | undefined;
  readonly more: readonly Deed[];
}

export function deedsFor({ state, wanted, rights }: FleetDesktop): Deeds {
  if (!rights.owner || wanted === 'gone') return { first: undefined, more: [] };
  switch (state) {
    case 'running':
      return { first: undefined, more: ['pause', 'restart', 'remove'] };
    case 'paused':
      return { first: 'resume', more: ['restart', 'remove'] };
    case 'ended':
    case 'lost':
      return { first: 'start', more: ['remove'] };
    case 'starting':
      return { first: undefined, more: ['remove'] };
  }
}
