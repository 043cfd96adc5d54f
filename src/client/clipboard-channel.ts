import { deflate, Inflate, Z_SYNC_FLUSH } from 'pako';
import type { ClientMessage } from '../protocol/client-messages.ts';
import {
  type ClipboardContent,
  formatOfMime,
  MIME_TYPES,
  textContent,
  textOf,
} from '../protocol/clipboard-content.ts';
import {
  CLIPBOARD_CAPS,
  CLIPBOARD_NOTIFY,
  CLIPBOARD_PEEK,
  CLIPBOARD_PROVIDE,
  CLIPBOARD_REQUEST,
  CLIPBOARD_TEXT,
} from '../protocol/constants.ts';
import { clipboardTextFromInflated, clipboardTextToDeflate } from '../protocol/extended-clipboard.ts';
import { joinBytes } from '../protocol/join-bytes.ts';
import type { ServerMessage } from '../protocol/server-message-reader.ts';

/** Longest text that the page accepts from the desktop, inflated, in bytes. Protects the page's memory. */
const MAX_INFLATED_BYTES = 16 << 20;
const NOTHING = new Uint8Array(0);

type ExtendedMessage = Extract<ServerMessage, { type: 'extendedClipboard' }>;
type ItemsMessage = Extract<ServerMessage, { type: 'binaryClipboard' }>;

export interface ClipboardOptions {
  readonly send: (message: ClientMessage) => void;
  /** Called with what is new on the desktop's clipboard. */
  readonly onContent: (content: ClipboardContent) => void;
}

/**
 * The clipboard in both directions. Text goes by rfbproto's extended clipboard if the server supports it, otherwise by
 * cut text, which is Latin-1. HTML and PNG go by KasmVNC's message, with the text beside them, if the server is
 * Deskwire's.
 */
export class ClipboardChannel {
  readonly #options: ClipboardOptions;
  #isExtended = false;
  #hasItems = false;
  /** Text last offered by this page, for a server that requests it again. */
  #offered: string | undefined;

  constructor(options: ClipboardOptions) {
    this.#options = options;
  }

  /** The server takes HTML and PNG. */
  supportItems(): void {
    this.#hasItems = true;
  }

  /** Sends this content to the desktop, where it arrives before any key that is sent after it. */
  offer(content: ClipboardContent): void {
    const text = textOf(content);
    this.#offered = text;
    if (this.#hasItems && (content.size > 1 || text === undefined)) {
      const items = [...content].map(([format, data]) => ({ mime: MIME_TYPES[format], data }));
      this.#options.send({ type: 'binaryClipboard', items });
    } else if (text === undefined) return;
    else if (this.#isExtended) this.#provide(text);
    else this.#options.send({ type: 'clientCutText', text });
  }

  /** Handles a message of the extended clipboard. Throws if it is malformed. */
  receive({ flags, data }: ExtendedMessage): void {
    if (flags & CLIPBOARD_CAPS) {
      this.#isExtended = true;
    } else if (flags & CLIPBOARD_NOTIFY) {
      if (flags & CLIPBOARD_TEXT) this.#sendFlags(CLIPBOARD_REQUEST | CLIPBOARD_TEXT);
    } else if (flags & CLIPBOARD_PROVIDE) {
      const text = clipboardTextFromInflated(flags, inflate(data));
      if (text !== undefined) this.#options.onContent(textContent(text));
    } else if (flags & CLIPBOARD_REQUEST) {
      if (this.#offered !== undefined) this.#provide(this.#offered);
    } else if (flags & CLIPBOARD_PEEK) {
      this.#sendFlags(CLIPBOARD_NOTIFY | (this.#offered === undefined ? 0 : CLIPBOARD_TEXT));
    }
  }

  /** Handles a content in several forms. */
  receiveItems({ items }: ItemsMessage): void {
    const entries = items.flatMap(({ mime, data }) => {
      const format = formatOfMime(mime);
      return format ? [[format, data] as const] : [];
    });
    this.#options.onContent(new Map(entries));
  }

  #provide(text: string): void {
    const data = deflate(clipboardTextToDeflate(text));
    this.#options.send({ type: 'extendedClipboard', flags: CLIPBOARD_PROVIDE | CLIPBOARD_TEXT, data });
  }

  #sendFlags(flags: number): void {
    this.#options.send({ type: 'extendedClipboard', flags, data: NOTHING });
  }
}

/** Inflates clipboard data. It does not wait for the end of the stream, because some servers never send one. */
function inflate(data: Uint8Array): Uint8Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const stream = new Inflate();
  stream.onData = (chunk) => {
    length += chunk.length;
    if (length > MAX_INFLATED_BYTES) throw new Error('The desktop’s clipboard is too large.');
    chunks.push(chunk);
  };
  stream.push(data, Z_SYNC_FLUSH);
  if (stream.err < 0) throw new Error('The desktop’s clipboard is damaged.');
  return joinBytes(chunks);
}
