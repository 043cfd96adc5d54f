import { sdkError } from './errors.ts';

/**
 * Runs `work` with a signal that aborts when `signal` does, or after `limitMs`. Rejects at once with the reason then,
 * whatever `work` still waits for.
 */
export async function withLimit<T>(
  limitMs: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const own = new AbortController();
  const stop = (): void => own.abort(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(() => {
    own.abort(sdkError('SDK_TIMED_OUT', `The server did not answer within ${limitMs} ms.`));
  }, limitMs);
  const stopped = new Promise<never>((_resolve, reject) => {
    own.signal.addEventListener('abort', () => reject(own.signal.reason), { once: true });
  });
  try {
    return await Promise.race([work(own.signal), stopped]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/** Waits. Rejects with the reason of the signal when that aborts. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop = (): void => undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      signal?.throwIfAborted();
      stop = () => reject(signal?.reason);
      signal?.addEventListener('abort', stop, { once: true });
      timer = setTimeout(resolve, ms);
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}
