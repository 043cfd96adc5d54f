import { ApiError } from '../../api/call-api.ts';
import type { Outcome } from './outcome.ts';
import { Poll } from './poll.ts';
import { refusalText } from './refusal-text.ts';

/**
 * Longest wait for what a panel shows, in milliseconds. With a larger value the panel says later that the server does
 * not answer; a smaller one gives up on a busy server.
 */
const LOOK_LIMIT_MS = 15_000;

/** Repeats a look at the server, and says so while it is refused. */
export function pollServer(
  look: (signal: AbortSignal) => Promise<void>,
  everyMs: number,
  outcome: Outcome,
): Poll {
  let isRefused = false;
  return new Poll(async (signal) => {
    const limit = AbortSignal.timeout(LOOK_LIMIT_MS);
    try {
      await look(AbortSignal.any([signal, limit]));
      if (isRefused) outcome.clear();
      isRefused = false;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ApiError) && !limit.aborted) throw error;
      isRefused = true;
      outcome.refused(refusalText(error instanceof ApiError ? error : new ApiError('', undefined, '')));
    }
  }, everyMs);
}
