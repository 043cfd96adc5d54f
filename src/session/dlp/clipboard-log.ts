import type { Logger } from 'pino';
import { TokenBucket, type TokenRate } from '../../common/token-bucket.ts';
import type { ClipboardUse } from './clipboard-gate.ts';
import type { UserLimits } from './user-limits.ts';

/**
 * Lines in the log for one viewer's clipboard. A larger rate lets a viewer fill the disk sooner; a smaller one leaves
 * out texts of a user who copies a lot.
 */
export const LOG_RATE: TokenRate = { perSecond: 2, burst: 50 };

/** A line for the log: never has what was copied. */
export interface ClipboardLine extends ClipboardUse {
  /** Uses before this one that were left out, because there were too many. */
  readonly unlogged: number;
}

/** Returns a listener that logs uses of a clipboard, at LOG_RATE at most. */
export function createClipboardLog(
  nowMs: () => number,
  log: (line: ClipboardLine) => void,
): (use: ClipboardUse) => void {
  const bucket = new TokenBucket(LOG_RATE, nowMs());
  let unlogged = 0;
  return (use) => {
    if (!bucket.take(1, nowMs())) {
      unlogged++;
      return;
    }
    log({ ...use, unlogged });
    unlogged = 0;
  };
}

/**
 * Returns a listener that logs how one viewer's clipboard is used, as far as its user's rules say. What is too large is
 * always logged: its user asks why nothing arrives.
 */
export function logClipboardUses(
  log: Logger,
  {
    id: connection,
    user,
    limits,
  }: { readonly id: string; readonly user: string; readonly limits: UserLimits },
): (use: ClipboardUse) => void {
  const note = createClipboardLog(
    () => performance.now(),
    (line) => {
      if (line.refusal === 'too large')
        log.warn({ connection, user, ...line }, 'A clipboard was refused, because it is too large');
      else log.info({ connection, user, ...line }, 'The clipboard was used');
    },
  );
  return (use) => {
    if (limits.rules.isLogged || use.refusal === 'too large') note(use);
  };
}
