import { DesktopError } from './errors.ts';

/**
 * Settles as `answer` does, or rejects with DesktopError `DESKTOP_TIMEOUT` after `limitMs`. A later outcome of `answer`
 * is ignored. `what` names the request in the error's message.
 */
export function answerWithin<T>(what: string, limitMs: number, answer: Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(
    () => reject(new DesktopError('DESKTOP_TIMEOUT', `${what}, ${limitMs} ms`)),
    limitMs,
  );
  answer.then(resolve, reject).finally(() => clearTimeout(timer));
  return promise;
}
