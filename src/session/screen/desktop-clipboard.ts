import type { Logger } from 'pino';
import { answerWithin } from '../../desktop/answer-within.ts';
import type { ClipboardChange, Desktop } from '../../desktop/desktop.ts';
import { type ClipboardContent, type ClipboardFormat, NO_CONTENT } from '../../protocol/clipboard-content.ts';
import { type HeldContent, isEchoOfProgram, isEchoOfViewer } from './clipboard-echo.ts';

/**
 * How long the desktop may take to set its clipboard, in milliseconds. The API promises an answer within 5 s. A shorter
 * limit fails on a busy machine, a longer one delays the next content behind a desktop that does not answer.
 */
const CLIPBOARD_LIMIT_MS = 4_000;

/** A content of a viewer, or of a caller of the API. */
interface FromViewer {
  readonly content: ClipboardContent;
  readonly from: object;
  /** Called once the desktop has the content or a newer one, or has refused it. */
  readonly settled?: (error?: unknown) => void;
}

/** What can be pasted in the desktop. */
interface Pasteable {
  readonly content: ClipboardContent;
  /** Forms that the desktop has, and that were too large to be read. */
  readonly tooLarge: readonly ClipboardFormat[];
  /** The change that brought it, or the content itself. */
  readonly change: object;
}

/**
 * The desktop's clipboard: knows what is on it, and sets it, one content at a time. While the desktop is busy only the
 * newest content is kept: a viewer that sends thousands costs no more than two.
 */
export class DesktopClipboard {
  readonly #desktop: Pick<Desktop, 'setClipboard'>;
  readonly #log: Logger;
  readonly #now: () => number;
  #next: FromViewer | undefined;
  #isBusy = false;
  #isFailing = false;
  #held: HeldContent | undefined;
  /** What programs copied or marked since a viewer set the clipboard, the newest first; one of each kind. */
  #changes: readonly ClipboardChange[] = [];

  /** `now` is a clock of milliseconds that never goes back. */
  constructor(
    desktop: Pick<Desktop, 'setClipboard'>,
    log: Logger,
    now: () => number = () => performance.now(),
  ) {
    this.#desktop = desktop;
    this.#log = log;
    this.#now = now;
  }

  /** What programs copied or marked, for viewers that come later. The newest first. */
  get changes(): readonly ClipboardChange[] {
    return this.#changes;
  }

  /**
   * Sets a content of the viewer `from`, unless the desktop has it already. Returns whether it is another one. A failure
   * is logged once, until the clipboard can be set again.
   */
  set(content: ClipboardContent, from: object, isLatin1 = false): boolean {
    if (!this.#next && isEchoOfViewer(this.#held, content, isLatin1)) return false;
    this.#put({ content, from });
    return true;
  }

  /** Sets a content of no viewer. Resolves when the desktop has it or a newer one. Rejects with a DesktopError. */
  put(content: ClipboardContent): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const settled = (error?: unknown): void => (error === undefined ? resolve() : reject(error));
    this.#put({ content, from: promise, settled });
    return promise;
  }

  /** What can be pasted in the desktop now. `concerns` says which of what was copied and marked counts. */
  pasteable(concerns: (how: ClipboardChange['how']) => boolean): Pasteable | undefined {
    const change = this.#changes.find(({ how }) => concerns(how));
    if (change !== undefined) return { content: change.content, tooLarge: change.tooLarge, change };
    const content = this.#held?.content;
    return content && { content, tooLarge: [], change: content };
  }

  /** A program has copied or marked something. Returns whether viewers are to be told. */
  changed(change: ClipboardChange): boolean {
    const { content, tooLarge, how } = change;
    const atMs = this.#now();
    const isEcho = isEchoOfProgram(this.#held, content, atMs);
    const isCopied = how === 'copied';
    if (isEcho) {
      // A clipboard manager may keep fewer forms than the program that it takes over from.
      if (isCopied) this.#held = { ...this.#held!, isOwned: true };
      return false;
    }
    if (isCopied) this.#held = tooLarge.length === 0 ? { content, atMs, isOwned: true } : undefined;
    this.#changes = [change, ...this.#changes.filter((other) => (other.how === 'copied') !== isCopied)];
    return true;
  }

  /** Programs can no longer paste what was copied last. */
  lost(): void {
    if (this.#held) this.#held = { ...this.#held, isOwned: false };
  }

  /** The viewer may no longer set the clipboard. Drops its content if that waits. */
  revoke(from: object): void {
    if (this.#next?.from === from) this.#drop();
  }

  /** Rejects with a DesktopError, `DESKTOP_TIMEOUT` after CLIPBOARD_LIMIT_MS. */
  clear(): Promise<void> {
    this.#drop();
    this.#held = undefined;
    this.#changes = [];
    return answerWithin('clearing the clipboard', CLIPBOARD_LIMIT_MS, this.#desktop.setClipboard(NO_CONTENT));
  }

  #put(next: FromViewer): void {
    this.#drop();
    this.#next = next;
    if (!this.#isBusy) void this.#setAll();
  }

  /** Drops the content that waits: something newer takes its place. */
  #drop(): void {
    this.#next?.settled?.();
    this.#next = undefined;
  }

  async #setAll(): Promise<void> {
    this.#isBusy = true;
    for (let next = this.#next; next !== undefined; next = this.#next) {
      this.#next = undefined;
      // Before the desktop has it, so that a clipboard manager that takes it over at once is known.
      this.#held = { content: next.content, atMs: this.#now(), isOwned: true };
      this.#changes = [];
      try {
        await answerWithin(
          'setting the clipboard',
          CLIPBOARD_LIMIT_MS,
          this.#desktop.setClipboard(next.content),
        );
        this.#isFailing = false;
        next.settled?.();
      } catch (error) {
        if (this.#held?.content === next.content) this.#held = undefined;
        if (!this.#isFailing) this.#log.warn({ err: error }, 'The clipboard could not be set');
        this.#isFailing = true;
        next.settled?.(error);
      }
    }
    this.#isBusy = false;
  }
}
