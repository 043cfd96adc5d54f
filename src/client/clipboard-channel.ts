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
import type { ServerMessage } from '../protocol/server-message-reader.ts';
import { deflateText, inflateText } from './clipboard-text.ts';
import { doInTurns } from './in-turns.ts';

const NOTHING = new Uint8Array(0);

type ExtendedMessage = Extract<ServerMessage, { type: 'extendedClipboard' }>;
type ItemsMessage = Extract<ServerMessage, { type: 'binaryClipboard' }>;

export interface ClipboardOptions {
  readonly send: (message: ClientMessage) => void;
  /** A text that was offered has been sent. */
  readonly onSent: () => void;
  /** Called with what is new on the desktop's clipboard. */
  readonly onContent: (content: ClipboardContent) => void;
  /** Called when what the server has sent is malformed. */
  readonly onError: (error: unknown) => void;
}

/**
 * The clipboard in both directions. Text goes by rfbproto's extended clipboard if the server supports it, otherwise by
 * cut text, which is Latin-1. HTML and PNG go by KasmVNC's message, with the text beside them, if the server is
 * Deskwire's. Large texts are deflated and inflated in turns, so that the page goes on drawing.
 */
export class ClipboardChannel {
  readonly #options: ClipboardOptions;
  #isExtended = false;
  #hasItems = false;
  /** Text last offered by this page, for a server that requests it again. */
  #offered: string | undefined;
  /** Text that is being deflated, and a function that ends it at once. */
  #deflating: { finish: () => void } | undefined;
  /** Content that is being inflated. */
  #inflating: object | undefined;

  constructor(options: ClipboardOptions) {
    this.#options = options;
  }

  /** The server takes HTML and PNG. */
  supportItems(): void {
    this.#hasItems = true;
  }

  /** Whether an offered text has not been sent yet. What is typed has to wait for `onSent`. */
  get isDeflating(): boolean {
    return this.#deflating !== undefined;
  }

  /** Sends a text that is being deflated at once. Until then the page does nothing else. */
  finishDeflating(): void {
    this.#deflating?.finish();
  }

  /** Sends this content to the desktop: at once, unless it is a large text. A newer one takes its place. */
  offer(content: ClipboardContent): void {
    const text = textOf(content);
    this.#offered = text;
    this.#deflating = undefined;
    if (this.#hasItems && (content.size > 1 || text === undefined)) {
      const items = [...content].map(([format, data]) => ({ mime: MIME_TYPES[format], data }));
      this.#options.send({ type: 'binaryClipboard', items });
    } else if (text === undefined) return;
    else if (this.#isExtended) this.#provide(text);
    else this.#options.send({ type: 'clientCutText', text });
  }

  /** Handles a message of the extended clipboard. */
  receive({ flags, data }: ExtendedMessage): void {
    if (flags & CLIPBOARD_CAPS) {
      this.#isExtended = true;
    } else if (flags & CLIPBOARD_NOTIFY) {
      if (flags & CLIPBOARD_TEXT) this.#sendFlags(CLIPBOARD_REQUEST | CLIPBOARD_TEXT);
    } else if (flags & CLIPBOARD_PROVIDE) {
      this.#inflate(flags, data);
    } else if (flags & CLIPBOARD_REQUEST) {
      if (this.#offered !== undefined) this.#provide(this.#offered);
    } else if (flags & CLIPBOARD_PEEK) {
      this.#sendFlags(CLIPBOARD_NOTIFY | (this.#offered === undefined ? 0 : CLIPBOARD_TEXT));
    }
  }

  /** Handles a content in several forms. */
  receiveItems({ items }: ItemsMessage): void {
    this.#inflating = undefined;
    const entries = items.flatMap(({ mime, data }) => {
      const format = formatOfMime(mime);
      return format ? [[format, data] as const] : [];
    });
    this.#options.onContent(new Map(entries));
  }

  #inflate(flags: number, data: Uint8Array): void {
    const content = {};
    this.#inflating = content;
    doInTurns(inflateText(flags, data), {
      isWanted: () => this.#inflating === content,
      done: (text) => {
        this.#inflating = undefined;
        if (text !== undefined) this.#options.onContent(textContent(text));
      },
      failed: this.#options.onError,
    });
  }

  #provide(text: string): void {
    const one = { finish: () => {} };
    this.#deflating = one;
    one.finish = doInTurns(deflateText(text), {
      isWanted: () => this.#deflating === one,
      done: (data) => {
        this.#deflating = undefined;
        this.#options.send({ type: 'extendedClipboard', flags: CLIPBOARD_PROVIDE | CLIPBOARD_TEXT, data });
        this.#options.onSent();
      },
      failed: this.#options.onError,
    });
  }

  #sendFlags(flags: number): void {
    this.#options.send({ type: 'extendedClipboard', flags, data: NOTHING });
  }
}
