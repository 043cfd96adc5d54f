import type { Logger } from 'pino';
import { answerWithin } from '../../desktop/answer-within.ts';
import type { Desktop } from '../../desktop/desktop.ts';

/**
 * How long the desktop may take to set its clipboard, in milliseconds. The API promises an answer within 5 s. A shorter
 * limit fails on a busy machine, a longer one delays the next text behind a desktop that does not answer.
 */
const CLIPBOARD_LIMIT_MS = 4_000;

/**
 * Sets the desktop's clipboard, one text at a time. While the desktop is busy only the newest text is kept: a viewer
 * that sends thousands costs no more than two.
 */
export class DesktopClipboard {
  readonly #desktop: Pick<Desktop, 'setClipboard'>;
  readonly #log: Logger;
  #next: { readonly text: string; readonly from: object } | undefined;
  #isBusy = false;
  #isFailing = false;

  constructor(desktop: Pick<Desktop, 'setClipboard'>, log: Logger) {
    this.#desktop = desktop;
    this.#log = log;
  }

  /** Sets a text of the viewer `from`. A failure is logged once, until the clipboard can be set again. */
  set(text: string, from: object): void {
    this.#next = { text, from };
    if (!this.#isBusy) void this.#setAll();
  }

  /** The viewer may no longer set the clipboard. Drops its text if that waits. */
  revoke(from: object): void {
    if (this.#next?.from === from) this.#next = undefined;
  }

  /** Rejects with a DesktopError, `DESKTOP_TIMEOUT` after CLIPBOARD_LIMIT_MS. */
  clear(): Promise<void> {
    this.#next = undefined;
    return answerWithin('clearing the clipboard', CLIPBOARD_LIMIT_MS, this.#desktop.setClipboard(undefined));
  }

  async #setAll(): Promise<void> {
    this.#isBusy = true;
    for (let next = this.#next; next !== undefined; next = this.#next) {
      this.#next = undefined;
      try {
        await answerWithin(
          'setting the clipboard',
          CLIPBOARD_LIMIT_MS,
          this.#desktop.setClipboard(next.text),
        );
        this.#isFailing = false;
      } catch (error) {
        if (!this.#isFailing) this.#log.warn({ err: error }, 'The clipboard could not be set');
        this.#isFailing = true;
      }
    }
    this.#isBusy = false;
  }
}
