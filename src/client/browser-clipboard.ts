import { type ClipboardContent, textOf } from '../protocol/clipboard-content.ts';
import { readFromBrowser, writeToBrowser } from './pasted-content.ts';

/** Events that count as a gesture of the user, in which browsers let a page write the clipboard. */
const GESTURES = ['pointerup', 'keydown', 'click'] as const;

/** Keeps the clipboard of the browser and that of the desktop alike, as far as the browser lets the page. */
export class BrowserClipboard {
  readonly #send: (content: ClipboardContent) => void;
  /** Content of the desktop that the browser has not taken yet. */
  #waiting: ClipboardContent | undefined;
  /** Text that both had last. */
  #common: string | undefined;
  /** Text that the desktop copied last. */
  #lastCopied: string | undefined;
  /** Whether the present connection has brought no content yet. */
  #isFirst = true;

  /** `send` sets the clipboard of the desktop. `signal` ends it. */
  constructor(send: (content: ClipboardContent) => void, signal: AbortSignal) {
    this.#send = send;
    for (const type of GESTURES)
      window.addEventListener(type, () => this.#retry(), { capture: true, signal });
    window.addEventListener('focus', () => void this.#onFocus(), { signal });
  }

  /** A new connection begins: the server offers anew what the desktop has. */
  connected(): void {
    this.#isFirst = true;
  }

  /** Gives the browser what the desktop has copied: at once, or at the user's next gesture. */
  copied(content: ClipboardContent): void {
    const text = textOf(content);
    const isOld = this.#isFirst && text !== undefined && text === this.#lastCopied;
    this.#isFirst = false;
    this.#lastCopied = text;
    // What is offered anew after a break must not replace what the user has copied elsewhere since.
    if (isOld) return;
    this.#common = text;
    this.#waiting = content;
    if (document.hasFocus()) this.#retry();
  }

  /** The user has pasted this, which the desktop has now. */
  pasted(content: ClipboardContent): void {
    this.#common = textOf(content);
    this.#waiting = undefined;
  }

  #retry(): void {
    const content = this.#waiting;
    if (!content) return;
    this.#waiting = undefined;
    writeToBrowser(content).catch(() => {
      // Something newer may have been copied meanwhile.
      this.#waiting ??= content;
    });
  }

  /** The user may have copied something elsewhere, which a paste by mouse on the desktop is to insert. */
  async #onFocus(): Promise<void> {
    if (this.#waiting) {
      this.#retry();
      return;
    }
    if (!(await mayRead())) return;
    const content = await readFromBrowser().catch(() => undefined);
    const text = content && textOf(content);
    if (!text || text === this.#common) return;
    this.#common = text;
    this.#send(content);
  }
}

/** Whether the browser lets the page read the clipboard without asking the user. */
async function mayRead(): Promise<boolean> {
  try {
    const { state } = await navigator.permissions.query({ name: 'clipboard-read' as PermissionName });
    return state === 'granted';
  } catch {
    return false;
  }
}
