import { deflate, Inflate, Z_SYNC_FLUSH } from 'pako';
import type { ClientMessage } from '../protocol/client-messages.ts';
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

/** More text than this from the desktop is a mistake, or an attack on this page's memory. */
const MAX_INFLATED_BYTES = 16 << 20;
const NOTHING = new Uint8Array(0);

type ExtendedMessage = Extract<ServerMessage, { type: 'extendedClipboard' }>;

export interface ClipboardOptions {
  readonly send: (message: ClientMessage) => void;
  /** The desktop's clipboard has this text now. */
  readonly onText: (text: string) => void;
}

/** Text both ways: rfbproto's extended clipboard where the server has it, else cut text, which is Latin-1. */
export class ClipboardChannel {
  readonly #options: ClipboardOptions;
  #isExtended = false;
  /** What was last put on this side's clipboard, for a server that asks for it. */
  #offered: string | undefined;

  constructor(options: ClipboardOptions) {
    this.#options = options;
  }

  /** Gives the desktop this text; it is there before any key sent after it. */
  offer(text: string): void {
    this.#offered = text;
    if (this.#isExtended) this.#provide(text);
    else this.#options.send({ type: 'clientCutText', text });
  }

  /** Throws where the message is malformed. */
  receive({ flags, data }: ExtendedMessage): void {
    if (flags & CLIPBOARD_CAPS) {
      this.#isExtended = true;
    } else if (flags & CLIPBOARD_NOTIFY) {
      if (flags & CLIPBOARD_TEXT) this.#sendFlags(CLIPBOARD_REQUEST | CLIPBOARD_TEXT);
    } else if (flags & CLIPBOARD_PROVIDE) {
      const text = clipboardTextFromInflated(flags, inflate(data));
      if (text !== undefined) this.#options.onText(text);
    } else if (flags & CLIPBOARD_REQUEST) {
      if (this.#offered !== undefined) this.#provide(this.#offered);
    } else if (flags & CLIPBOARD_PEEK) {
      this.#sendFlags(CLIPBOARD_NOTIFY | (this.#offered === undefined ? 0 : CLIPBOARD_TEXT));
    }
  }

  #provide(text: string): void {
    const data = deflate(clipboardTextToDeflate(text));
    this.#options.send({ type: 'extendedClipboard', flags: CLIPBOARD_PROVIDE | CLIPBOARD_TEXT, data });
  }

  #sendFlags(flags: number): void {
    this.#options.send({ type: 'extendedClipboard', flags, data: NOTHING });
  }
}

/** Some servers never end the stream that they deflate with, so an end is not waited for. */
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
