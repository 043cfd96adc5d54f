import { deflate } from 'node:zlib';
import type { ClipboardText } from '../../desktop/desktop.ts';
import type { ClientMessage } from '../../protocol/client-messages.ts';
import {
  CLIPBOARD_CAPS,
  CLIPBOARD_NOTIFY,
  CLIPBOARD_PEEK,
  CLIPBOARD_PROVIDE,
  CLIPBOARD_REQUEST,
  CLIPBOARD_TEXT,
} from '../../protocol/constants.ts';
import { clipboardTextToDeflate } from '../../protocol/extended-clipboard.ts';
import {
  binaryClipboard,
  cutText,
  extendedClipboardCaps,
  extendedClipboardNotify,
  extendedClipboardProvide,
  extendedClipboardRequest,
} from '../../protocol/server-messages.ts';
import type { ClipboardGate } from '../dlp/clipboard-gate.ts';
import { inflateClipboardText } from './inflate-clipboard.ts';
import type { Outbox } from './outbox.ts';

/**
 * Bytes of UTF-8 in the longest text that the server accepts from a viewer or sends to one. A longer text takes more
 * memory for each viewer, and more time before the next update. Text beyond it is not sent.
 */
const MAX_TEXT_BYTES = 10 << 20;

/** The type of text on KasmVNC's clipboard. */
const PLAIN_TEXT = 'text/plain';

export interface ViewerClipboardOptions {
  readonly outbox: Pick<Outbox, 'message' | 'newest' | 'reserve'>;
  readonly gate: Pick<ClipboardGate, 'concerns' | 'refusesAny' | 'pass'>;
  /** The viewer has put text on its clipboard, and the text may pass. */
  received(text: string): void;
}

/**
 * One viewer's clipboard: plain cut text, the extended clipboard (rfbproto) if the viewer supports it, or KasmVNC's
 * own for its page. Of several texts that wait for the viewer only the newest is sent.
 */
export class ViewerClipboard {
  readonly #options: ViewerClipboardOptions;
  #extended = false;
  #kasm = false;
  #offers = 0;
  #text: string | undefined;
  #isDeflating = false;

  constructor(options: ViewerClipboardOptions) {
    this.#options = options;
  }

  /** The viewer lists the extended clipboard. */
  extend(): void {
    if (this.#extended) return;
    this.#extended = true;
    this.#options.outbox.message(extendedClipboardCaps(MAX_TEXT_BYTES));
  }

  /** The viewer is KasmVNC's page. */
  useKasm(): void {
    this.#kasm = true;
  }

  /**
   * Offers the desktop's text, or says that it was cleared. A text that is too long or may not pass is not offered.
   * Returns whether the viewer is told.
   */
  offer(change: ClipboardText): boolean {
    const { gate, outbox } = this.#options;
    const { text, how } = change;
    if (!gate.concerns(how)) return false;
    const bytes = Buffer.byteLength(text ?? '');
    const mayPass = text === undefined || (bytes <= MAX_TEXT_BYTES && gate.pass('toClient', bytes, change));
    this.#text = mayPass ? text : undefined;
    if (mayPass) outbox.newest('clipboard offer', () => this.#offerMessage(this.#text));
    return mayPass;
  }

  /** Takes a plain text. */
  takeText(text: string): void {
    this.#received(text);
  }

  /** The viewer may no longer have the desktop's text. Sends none that still waits. */
  revoke(): void {
    this.#text = undefined;
    this.#options.outbox.newest('clipboard offer', () => undefined);
  }

  /** Takes the text among the items of KasmVNC's page. Drops a text that is too long. */
  takeKasm({ items }: Extract<ClientMessage, { type: 'binaryClipboard' }>): void {
    const text = items.find(({ mime }) => mime === PLAIN_TEXT);
    if (text && text.data.length <= MAX_TEXT_BYTES) this.#received(Buffer.from(text.data).toString('utf8'));
  }

  /** Takes a message of the extended clipboard. Rejects with an RfbError if its text is malformed. */
  take(message: Extract<ClientMessage, { type: 'extendedClipboard' }>): Promise<void> | undefined {
    const { flags, data } = message;
    const { outbox, gate } = this.#options;
    // Caps name every action that the viewer supports, and ask for none of them.
    if (flags & CLIPBOARD_CAPS) return undefined;
    const hasText = (flags & CLIPBOARD_TEXT) !== 0;
    if (flags & CLIPBOARD_PROVIDE)
      return hasText && !gate.refusesAny('toServer') ? this.#receive(data) : undefined;
    if (flags & CLIPBOARD_NOTIFY) {
      if (hasText && !gate.refusesAny('toServer')) outbox.message(extendedClipboardRequest());
    } else if (flags & CLIPBOARD_REQUEST) {
      this.#provide();
    } else if (flags & CLIPBOARD_PEEK) {
      outbox.message(extendedClipboardNotify(this.#text !== undefined));
    }
    return undefined;
  }

  #offerMessage(text: string | undefined): Uint8Array {
    if (this.#kasm) {
      const data = Buffer.from(text ?? '', 'utf8');
      return binaryClipboard([{ id: ++this.#offers, mime: PLAIN_TEXT, data }]);
    }
    return this.#extended ? extendedClipboardNotify(text !== undefined) : cutText(text ?? '');
  }

  async #receive(data: Uint8Array): Promise<void> {
    this.#received(await inflateClipboardText(data, MAX_TEXT_BYTES));
  }

  #received(text: string): void {
    const { gate, received } = this.#options;
    if (gate.pass('toServer', Buffer.byteLength(text))) received(text);
  }

  /**
   * Sends the text. It is compressed on Node's threads, because that takes too long for the main thread. Requests that
   * arrive meanwhile get the same answer. If the text is replaced meanwhile, the new text is sent instead.
   */
  #provide(): void {
    const text = this.#text;
    if (text === undefined || this.#isDeflating) return;
    const { outbox } = this.#options;
    const raw = clipboardTextToDeflate(text);
    const release = outbox.reserve(raw.length);
    this.#isDeflating = true;
    deflate(raw, (error, data) => {
      this.#isDeflating = false;
      release();
      if (this.#text !== text) {
        this.#provide();
      } else if (!error) {
        // Compression fails only for want of memory. The viewer then keeps the text that it has.
        outbox.newest('clipboard text', () =>
          this.#text === text ? extendedClipboardProvide(data) : undefined,
        );
      }
    });
  }
}
