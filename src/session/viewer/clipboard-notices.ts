import { TokenBucket, type TokenRate } from '../../common/token-bucket.ts';
import { bell, notice } from '../../protocol/server-messages.ts';
import type { ClipboardDirection } from '../dlp/clipboard-gate.ts';

/**
 * Notices to one viewer. A larger rate lets a program that keeps copying much fill the user's screen with them; a
 * smaller one leaves out some that the user waits for.
 */
const NOTICE_RATE: TokenRate = { perSecond: 0.5, burst: 3 };

const MIB = 1 << 20;

export interface ClipboardNoticesOptions {
  /** Whether the viewer can show a sentence. */
  showsText(): boolean;
  mostBytes(direction: ClipboardDirection): number;
  now(): number;
  send(message: Uint8Array): void;
}

/** Tells a user that something was too large for the clipboard: in words if the viewer can show them, else by the bell. */
export class ClipboardNotices {
  readonly #options: ClipboardNoticesOptions;
  readonly #bucket: TokenBucket;

  constructor(options: ClipboardNoticesOptions) {
    this.#options = options;
    this.#bucket = new TokenBucket(NOTICE_RATE, options.now());
  }

  tooLarge(direction: ClipboardDirection): void {
    const { showsText, mostBytes, now, send } = this.#options;
    if (!this.#bucket.take(1, now())) return;
    const most = inWords(mostBytes(direction));
    const what =
      direction === 'toServer'
        ? `What you pasted is too large for the desktop’s clipboard, which was left as it is.`
        : `What was copied in the desktop is too large to be sent to you.`;
    send(showsText() ? notice(`${what} At most ${most} may pass.`) : bell());
  }
}

const inWords = (bytes: number): string =>
  bytes >= MIB ? `${Math.floor((bytes * 10) / MIB) / 10} MiB` : `${bytes} bytes`;
