import type { Desktop, FleetState } from '../store/fleet-state.ts';
import type { FleetStore } from '../store/store.ts';

/** Whether a desktop is what was asked for. */
const isAsAsked = (desktop: Desktop | undefined): boolean =>
  desktop === undefined || (desktop.wanted !== 'gone' && desktop.status.state === desktop.wanted);

/** Whether it is that, or cannot become so any more. */
const isSettled = (desktop: Desktop | undefined): boolean => {
  if (isAsAsked(desktop)) return true;
  const { wanted, status } = desktop!;
  return wanted !== 'gone' && (status.state === 'ended' || status.state === 'lost');
};

/**
 * Waits until desktops are settled, at most for some seconds. Resolves with whether all are what was asked for then.
 */
export async function settled(
  store: FleetStore,
  names: readonly string[],
  seconds: number,
  signal: AbortSignal,
): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const left = new Set(names);
  const look = ({ desktop }: FleetState): void => {
    for (const name of left) if (isSettled(desktop.get(name))) left.delete(name);
    if (left.size === 0) resolve();
  };
  const changed = (_before: FleetState, after: FleetState): void => look(after);
  const leave = (): void => reject(signal.reason);
  const timer = setTimeout(resolve, seconds * 1000);
  store.on('changed', changed);
  signal.addEventListener('abort', leave, { once: true });
  look(store.state);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    store.off('changed', changed);
    signal.removeEventListener('abort', leave);
  }
  return names.every((name) => isAsAsked(store.state.desktop.get(name)));
}
