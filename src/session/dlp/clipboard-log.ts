import { TokenBucket, type TokenRate } from '../../common/token-bucket.ts';
import type { ClipboardUse } from './clipboard-gate.ts';

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
