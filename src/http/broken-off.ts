import type { ServerResponse } from 'node:http';

/** A signal that aborts when the caller goes away before the answer has been written whole. */
export function brokenOffSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
