/** A desktop as the fleet's API shows it. */
export interface FleetDesktop {
  readonly name: string;
  readonly wanted: 'running' | 'paused' | 'gone';
  readonly state: 'starting' | 'running' | 'paused' | 'ended' | 'lost';
  readonly reason: string;
  readonly viewers: number;
  readonly rights: { readonly read: boolean; readonly write: boolean; readonly owner: boolean };
}

/** What an owner can do with a desktop. */
export type Deed = 'pause' | 'resume' | 'start' | 'restart' | 'remove';

/** The deeds that make sense for a desktop now, for this user. */
export function deedsFor({ state, wanted, rights }: FleetDesktop): readonly Deed[] {
  if (!rights.owner || wanted === 'gone') return [];
  switch (state) {
    case 'running':
      return ['pause', 'restart', 'remove'];
    case 'paused':
      return ['resume', 'restart', 'remove'];
    case 'ended':
    case 'lost':
      return ['start', 'remove'];
    case 'starting':
      return ['remove'];
  }
}
