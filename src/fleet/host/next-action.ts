import type { Desktop } from '../store/fleet-state.ts';

/** The process of a desktop, as the host knows it. */
export type ProcessPhase =
  | { readonly kind: 'none' }
  | { readonly kind: 'running' }
  | { readonly kind: 'paused' }
  | { readonly kind: 'ending'; readonly sinceMs: number };

export interface DesktopFacts {
  readonly desktop: Desktop;
  readonly phase: ProcessPhase;
  /** Time since the desktop was made, in ms, also while the fleet did not run. */
  readonly ageMs: number;
  /** Time of `performance.now()`, as all times below. */
  readonly nowMs: number;
  /** Since when no viewer is connected. Undefined while one is. */
  readonly idleSinceMs: number | undefined;
  /** When it may be started, after it has ended by itself. */
  readonly notBeforeMs: number;
}

export type Action =
  | 'nothing'
  | 'start'
  | 'pause'
  | 'resume'
  /** End the process, for good or so that it starts anew, as the store says. */
  | 'end'
  /** End the process because no viewer has used it. */
  | 'end idle'
  /** The same, but only freeze it. */
  | 'pause idle'
  /** The time of the desktop is over. */
  | 'expire'
  /** The process does not end by itself. */
  | 'kill'
  /** Remove all that is left of the desktop. */
  | 'remove';

/**
 * Time in ms that a desktop has to end. It usually takes 0.3 s. A larger value delays the end of one that hangs; with a
 * smaller one, programs on a busy machine cannot save their files.
 */
export const END_LIMIT_MS = 15_000;

/** Decides what a host does next with one of its desktops. */
export function nextAction({ desktop, phase, ageMs, nowMs, idleSinceMs, notBeforeMs }: DesktopFacts): Action {
  const { wanted, status, ttl_s, idle_end_s, idle_pause_s } = desktop;
  const isOver = (forMs: number, seconds: number | undefined): boolean =>
    seconds !== undefined && forMs >= seconds * 1000;
  const isIdleFor = (seconds: number | undefined): boolean =>
    idleSinceMs !== undefined && isOver(nowMs - idleSinceMs, seconds);

  if (wanted !== 'gone' && isOver(ageMs, ttl_s)) return 'expire';
  switch (phase.kind) {
    case 'none':
      if (wanted === 'gone') return 'remove';
      return status.state === 'starting' && nowMs >= notBeforeMs ? 'start' : 'nothing';
    case 'ending':
      return nowMs - phase.sinceMs >= END_LIMIT_MS ? 'kill' : 'nothing';
    default:
      // `starting` in the store while there is a process: it is to start anew.
      if (wanted === 'gone' || status.state === 'starting') return 'end';
      if (isIdleFor(idle_end_s)) return 'end idle';
      if (phase.kind === 'paused') return wanted === 'running' ? 'resume' : 'nothing';
      if (wanted === 'paused') return 'pause';
      return isIdleFor(idle_pause_s) ? 'pause idle' : 'nothing';
  }
}
