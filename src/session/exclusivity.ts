/** Who may be connected at the same time. */
export interface Exclusivity {
  /** Whether only one viewer at a time may have the desktop. */
  readonly isExclusive: boolean;
  /** Whether a viewer of another user ends the one that has it. Otherwise the newcomer is refused. */
  readonly newcomerTakesOver: boolean;
}

/** Any number of viewers share the desktop. */
export const SHARED: Exclusivity = { isExclusive: false, newcomerTakesOver: false };

/** Told to a viewer that another one replaces. */
export const TAKEN_OVER = 'Another connection has taken over this desktop.';

/** Told to a viewer that is refused. */
export const TRY_LATER = 'Try again when that user has left.';

/** What becomes of a newcomer: it is refused, or these viewers end for it. */
type Admission<V> = { readonly kind: 'refused' } | { readonly kind: 'admitted'; readonly ends: readonly V[] };

/**
 * Decides what becomes of a newcomer. In an exclusive session, a user's own connections always make way: a connection
 * that broke may be open for minutes, and would keep its user out.
 */
export function admit<V extends { readonly user: string }>(
  { isExclusive, newcomerTakesOver }: Exclusivity,
  user: string,
  viewers: readonly V[],
): Admission<V> {
  if (!isExclusive) return { kind: 'admitted', ends: [] };
  const isTaken = viewers.some((viewer) => viewer.user !== user);
  return isTaken && !newcomerTakesOver ? { kind: 'refused' } : { kind: 'admitted', ends: viewers };
}
