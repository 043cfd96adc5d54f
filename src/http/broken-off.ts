import type { ServerResponse } from 'node:http';

/** Creates a controller that aborts when the caller goes away before the whole answer has been written. */
export function brokenOff(response: ServerResponse): AbortController {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller;
}
