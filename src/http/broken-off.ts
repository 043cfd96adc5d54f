import type { ServerResponse } from 'node:http';

/** Creates a signal that aborts when the caller goes away before the whole answer has been written. */
export function brokenOffSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
