import type { Desktop, FleetState } from '../store/fleet-state.ts';
import type { FleetStore } from '../store/store.ts';

/** Whether a desktop has become what was asked for, or cannot any more. */
const isSettled = (desktop: Desktop | undefined): boolean => {
  if (desktop === undefined) return true;
  const { wanted, status } = desktop;
  if (wanted === 'gone' || status.state === 'starting') return false;
  return status.state === wanted || status.state === 'ended' || status.state === 'lost';
};

/** Waits until a desktop is settled, at most for some seconds. */
export function settled(
  store: FleetStore,
  name: string,
  seconds: number,
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const look = ({ desktop }: FleetState): void => {
    if (isSettled(desktop.get(name))) resolve();
  };
  const changed = (_before: FleetState, after: FleetState): void => look(after);
  const leave = (): void => reject(signal.reason);
  const timer = setTimeout(resolve, seconds * 1000);
  store.on('changed', changed);
  signal.addEventListener('abort', leave, { once: true });
  look(store.state);
  return promise.finally(() => {
    clearTimeout(timer);
    store.off('changed', changed);
    signal.removeEventListener('abort', leave);
  });
}
