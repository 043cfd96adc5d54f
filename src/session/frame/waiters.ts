import { DesktopError } from '../../desktop/errors.ts';

/**
 * How long a caller waits for a captured picture or for a frame, in milliseconds. The API promises an answer within 5 s.
 * A shorter limit refuses callers of a machine that is merely busy, a longer one keeps them waiting for a display that
 * cannot be captured.
 */
export const FRAME_LIMIT_MS = 4_000;

interface Waiter<T> {
  resolve(value: T): void;
  reject(error: Error): void;
}

/** Callers that wait for the same event, each for a limited time. */
export class Waiters<T> {
  readonly #waiting = new Set<Waiter<T>>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /**
   * Waits for `resolveAll` or `rejectAll`. Rejects with DesktopError `DESKTOP_TIMEOUT` after `limitMs`; `what` names
   * the event in its message. Once `signal` is aborted the promise stays unsettled.
   */
  wait(what: string, limitMs: number, signal?: AbortSignal): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      this.#waiting.delete(waiter);
    };
    const waiter: Waiter<T> = {
      resolve: (value) => {
        end();
        resolve(value);
      },
      reject: (error) => {
        end();
        reject(error);
      },
    };
    const timer = setTimeout(
      () => waiter.reject(new DesktopError('DESKTOP_TIMEOUT', `${what}, ${limitMs} ms`)),
      limitMs,
    );
    this.#waiting.add(waiter);
    signal?.addEventListener('abort', end);
    return promise;
  }

  /** Resolves each wait with a value of its own. */
  resolveAll(createValue: () => T): void {
    for (const waiter of [...this.#waiting]) waiter.resolve(createValue());
  }

  rejectAll(error: Error): void {
    for (const waiter of [...this.#waiting]) waiter.reject(error);
  }
}
