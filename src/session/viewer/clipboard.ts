import { deflate } from 'node:zlib';
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
  type ServerClipboardItem,
} from '../../protocol/server-messages.ts';
import { inflateClipboardText } from './inflate-clipboard.ts';

/** The longest text taken from or given to a viewer in one piece, in bytes of UTF-8. */
const MAX_TEXT_BYTES = 10 << 20;

interface Way {
  send(message: Uint8Array): void;
  /** A viewer has put text on its clipboard. */
  received(text: string): void;
}

/** The type of text on KasmVNC's clipboard. */
const PLAIN_TEXT = 'text/plain';

/**
 * One viewer's clipboard: plain cut text, the extended clipboard (rfbproto) where it has that, or KasmVNC's own
 * with its page.
 */
export class ViewerClipboard {
  readonly #way: Way;
  #extended = false;
  #kasm = false;
  #offers = 0;
  #text: string | undefined;
  #isDeflating = false;

  constructor(way: Way) {
    this.#way = way;
  }

  /** The viewer lists the extended clipboard. */
  extend(): void {
    if (this.#extended) return;
    this.#extended = true;
    this.#way.send(extendedClipboardCaps(MAX_TEXT_BYTES));
  }

  /** The viewer is KasmVNC's page. */
  useKasm(): void {
    this.#kasm = true;
  }

  /** The desktop's text, undefined where it was cleared. */
  offer(text: string | undefined): void {
    this.#text = text;
    if (this.#kasm) this.#way.send(binaryClipboard([this.#kasmItem(text ?? '')]));
    else if (this.#extended) this.#way.send(extendedClipboardNotify(text !== undefined));
    else this.#way.send(cutText(text ?? ''));
  }

  /** Text among the forms that KasmVNC's page sends of one clipboard. */
  takeKasm({ items }: Extract<ClientMessage, { type: 'binaryClipboard' }>): void {
    const text = items.find(({ mime }) => mime === PLAIN_TEXT);
    if (text) this.#way.received(Buffer.from(text.data).toString('utf8'));
  }

  #kasmItem(text: string): ServerClipboardItem {
    return { id: ++this.#offers, mime: PLAIN_TEXT, data: Buffer.from(text, 'utf8') };
  }

  /** The extended form. With text, resolves once that is received; rejects with an RfbError where it is malformed. */
  take(message: Extract<ClientMessage, { type: 'extendedClipboard' }>): Promise<void> | undefined {
    const { flags, data } = message;
    // Caps name every action that the viewer understands; none of them is meant.
    if (flags & CLIPBOARD_CAPS) return undefined;
    if (flags & CLIPBOARD_PROVIDE) return flags & CLIPBOARD_TEXT ? this.#receive(data) : undefined;
    if (flags & CLIPBOARD_NOTIFY) {
      if (flags & CLIPBOARD_TEXT) this.#way.send(extendedClipboardRequest());
    } else if (flags & CLIPBOARD_REQUEST) {
      this.#provide();
    } else if (flags & CLIPBOARD_PEEK) {
      this.#way.send(extendedClipboardNotify(this.#text !== undefined));
    }
    return undefined;
  }

  async #receive(data: Uint8Array): Promise<void> {
    this.#way.received(await inflateClipboardText(data, MAX_TEXT_BYTES));
  }

  /**
   * Many MiB take a while to deflate, which is not the main thread's to spend. Requests that come meanwhile have the same
   * answer, and it is the text as it is then: what was replaced or cleared is not sent any more.
   */
  #provide(): void {
    const text = this.#text;
    if (text === undefined || this.#isDeflating) return;
    this.#isDeflating = true;
    deflate(clipboardTextToDeflate(text), (error, data) => {
      this.#isDeflating = false;
      if (this.#text !== text) this.#provide();
      // It fails only where memory ends; the viewer then goes on with the text it has.
      else if (!error) this.#way.send(extendedClipboardProvide(data));
    });
  }
}
