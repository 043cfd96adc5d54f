import type { EventEmitter } from 'node:events';

/** An event that ends a wait early, and the error that it means. */
export type Ending = readonly [event: string, toError: (value: unknown) => Error];

/**
 * Resolves with the value of the first `event` for which `isIt` holds. Rejects after `limitMs`, or as soon as one
 * of `endings` happens. Leaves no listener behind.
 */
export function waitForEvent<T>(
  emitter: EventEmitter,
  event: string,
  isIt: (value: T) => boolean,
  limitMs: number,
  endings: readonly Ending[],
): Promise<T> {
  return new Promise((resolve, reject) => {
    const listeners: [string, (value: unknown) => void][] = [];
    const settle = (then: () => void): void => {
      clearTimeout(timer);
      for (const [name, listener] of listeners) emitter.off(name, listener);
      then();
    };
    const timer = setTimeout(
      () => settle(() => reject(new Error(`No ${event} within ${limitMs} ms.`))),
      limitMs,
    );
    listeners.push([event, (value) => isIt(value as T) && settle(() => resolve(value as T))]);
    for (const [name, toError] of endings) {
      listeners.push([name, (value) => settle(() => reject(toError(value)))]);
    }
    for (const [name, listener] of listeners) emitter.on(name, listener);
  });
}
