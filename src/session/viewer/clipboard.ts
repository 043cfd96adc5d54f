import type { ByteBudget } from '../../common/byte-budget.ts';
import type { ClipboardChange } from '../../desktop/desktop.ts';
import type { ClientMessage } from '../../protocol/client-messages.ts';
import {
  type ClipboardContent,
  type ClipboardFormat,
  FORMAT_FLAGS,
  formatOfMime,
  isPng,
  partOf,
} from '../../protocol/clipboard-content.ts';
import {
  CLIPBOARD_ALL_FORMATS,
  CLIPBOARD_CAPS,
  CLIPBOARD_NOTIFY,
  CLIPBOARD_PEEK,
  CLIPBOARD_PROVIDE,
  CLIPBOARD_REQUEST,
} from '../../protocol/constants.ts';
import {
  binaryClipboard,
  cutText,
  extendedClipboardCaps,
  extendedClipboardNotify,
  extendedClipboardRequest,
} from '../../protocol/server-messages.ts';
import type { ClipboardGate } from '../dlp/clipboard-gate.ts';
import { formsOf } from './clipboard-forms.ts';
import { IncomingBytes } from './incoming-bytes.ts';
import { inflateClipboard } from './inflate-clipboard.ts';
import type { Newest, Outbox } from './outbox.ts';
import { utf8OfLatin1 } from './text-bytes.ts';

/** A content that a viewer has put on its clipboard. */
export interface ReceivedContent {
  readonly content: ClipboardContent;
  /** Whether its text came as Latin-1, with "?" for other characters. */
  readonly isLatin1: boolean;
}

export interface ViewerClipboardOptions {
  readonly outbox: Pick<Outbox, 'message' | 'newest' | 'reserve'>;
  readonly gate: Pick<
    ClipboardGate,
    'concerns' | 'refusesAny' | 'refuseLarge' | 'pass' | 'mostBytes' | 'formats'
  >;
  /** Bytes that all connections of the user may have on their way. */
  readonly bytes: ByteBudget;
  /** What was copied or marked in the desktop, the newest first. */
  copied(): readonly ClipboardChange[];
  /** The viewer has put a content on its clipboard, and it may pass. */
  received(content: ReceivedContent): void;
}

/** Formats of the extended clipboard. */
const EXTENDED: readonly ClipboardFormat[] = ['text', 'html'];

type CutText = Extract<ClientMessage, { type: 'clientCutText' }>;
type Items = Extract<ClientMessage, { type: 'binaryClipboard' }>;
type Extended = Extract<ClientMessage, { type: 'extendedClipboard' }>;

/**
 * One viewer's clipboard: plain cut text, the extended clipboard (rfbproto) if the viewer supports it, or KasmVNC's own
 * for its page and for ours. Of several contents that wait for the viewer only the newest is sent.
 */
export class ViewerClipboard {
  readonly #options: ViewerClipboardOptions;
  readonly #incoming: IncomingBytes;
  readonly #incomingPortions: IncomingBytes;
  #extended = false;
  #kasm: 'no' | 'page' | 'ours' = 'no';
  #hasBegun = false;
  /** What the viewer may have; undefined if that is nothing. */
  #offered: ClipboardContent | undefined;
  /** Counts offers, so that a message that was made for an older one is not sent. */
  #offers = 0;
  #isProviding = false;

  constructor(options: ViewerClipboardOptions) {
    this.#options = options;
    this.#incoming = new IncomingBytes(options.bytes);
    this.#incomingPortions = new IncomingBytes(options.bytes);
  }

  /** The viewer lists the extended clipboard. */
  extend(): void {
    if (this.#extended) return;
    this.#extended = true;
    this.#options.outbox.message(extendedClipboardCaps(this.#options.gate.mostBytes('toServer')));
  }

  /** The viewer is KasmVNC's page, or ours. */
  useKasm(which: 'page' | 'ours'): void {
    this.#kasm = which;
  }

  /**
   * The viewer has said which clipboard it supports. Offers what was copied before. May be called again, for a viewer
   * that had no right to it before. Returns whether the viewer is told of something.
   */
  begin(): boolean {
    this.#hasBegun = true;
    for (const change of this.#options.copied()) if (this.#offer(change)) return true;
    return false;
  }

  /** The viewer asks for pictures, and so has listed what it supports. Does the same as `begin`, once. */
  beginOnce(): boolean {
    return !this.#hasBegun && this.begin();
  }

  /**
   * Offers what was copied in the desktop. What is too large or may not pass is not offered. Returns whether the viewer
   * is told.
   */
  offer(change: ClipboardChange): boolean {
    return this.#offer(change);
  }

  /** The desktop's clipboard was cleared. */
  clear(): void {
    this.#offered = undefined;
    const text = { id: 0, mime: 'text/plain', data: new Uint8Array(0) };
    const message =
      this.#kasm === 'page'
        ? binaryClipboard([text])
        : this.#extended
          ? extendedClipboardNotify(0)
          : cutText('');
    this.#sendNewest(message);
  }

  /** Takes a plain text. A promise that is returned has settled once a long one is taken. */
  takeText({ text, oversizedBytes }: CutText): Promise<void> | undefined {
    if (oversizedBytes !== undefined) {
      this.#options.gate.refuseLarge('toServer', oversizedBytes);
      return undefined;
    }
    const receive = (bytes: Uint8Array): void => this.#receive(new Map([['text', bytes]]), true);
    const bytes = utf8OfLatin1(text);
    if (bytes instanceof Promise) return bytes.then(receive);
    receive(bytes);
    return undefined;
  }

  /** The viewer may no longer have the desktop's clipboard. Sends nothing that still waits. */
  revoke(): void {
    this.#offered = undefined;
    this.#offers++;
    this.#options.outbox.newest('clipboard offer', () => undefined);
  }

  /** Takes the items of KasmVNC's page, or ours. */
  takeItems({ items, oversizedBytes }: Items): void {
    if (oversizedBytes !== undefined) this.#options.gate.refuseLarge('toServer', oversizedBytes);
    const byFormat = new Map<ClipboardFormat, Uint8Array>();
    for (const { mime, data } of items) {
      const format = formatOfMime(mime);
      const isUsed = format !== undefined && !byFormat.has(format) && (format !== 'png' || isPng(data));
      if (isUsed) byFormat.set(format, data);
    }
    const order = (['text', 'html', 'png'] as const).filter((format) => byFormat.has(format));
    const content = new Map(order.map((format) => [format, byFormat.get(format)!]));
    if (content.size > 0) this.#receive(content, false);
  }

  /** Takes a message of the extended clipboard. Rejects with an RfbError if its content is malformed. */
  take({ flags, data, oversizedBytes }: Extended): Promise<void> | undefined {
    const { outbox, gate } = this.#options;
    if (oversizedBytes !== undefined) {
      gate.refuseLarge('toServer', oversizedBytes);
      return undefined;
    }
    // Caps name every action that the viewer supports, and ask for none of them.
    if (flags & CLIPBOARD_CAPS) return undefined;
    const formats = EXTENDED.filter((format) => flags & FORMAT_FLAGS[format]);
    if (flags & CLIPBOARD_PROVIDE)
      return formats.length > 0 && !gate.refusesAny('toServer') ? this.#inflate(data, flags) : undefined;
    if (flags & CLIPBOARD_NOTIFY) {
      const wanted = formats.filter((format) => gate.formats.includes(format));
      if (wanted.length > 0 && !gate.refusesAny('toServer'))
        outbox.message(extendedClipboardRequest(flagsOf(wanted)));
    } else if (flags & CLIPBOARD_REQUEST) {
      // Some viewers name no format.
      this.#provide((flags & CLIPBOARD_ALL_FORMATS) === 0 ? ['text'] : formats);
    } else if (flags & CLIPBOARD_PEEK) {
      outbox.message(extendedClipboardNotify(flagsOf(this.#extendedFormats())));
    }
    return undefined;
  }

  /** Whether a message of so many bytes may wait until it is whole. */
  mayKeep(bytes: number, isInPortions: boolean): boolean {
    return (isInPortions ? this.#incomingPortions : this.#incoming).mayKeep(bytes);
  }

  /** The message that was read last has been handled. `keepsPortions`: a part of one in portions waits for the rest. */
  handled(keepsPortions: boolean): void {
    this.#incoming.release();
    if (!keepsPortions) this.#incomingPortions.release();
  }

  close(): void {
    this.#offered = undefined;
    this.handled(false);
  }

  #offer(change: ClipboardChange): boolean {
    const { gate } = this.#options;
    const { how, tooLarge } = change;
    if (!gate.concerns(how)) return false;
    const takes = (format: ClipboardFormat): boolean => this.#formats().includes(format);
    const large = tooLarge.filter(takes);
    if (large.length > 0) gate.refuseLarge('toClient', undefined, large);
    const content = partOf(change.content, this.#formats());
    if (content.size === 0) return false;
    const passing = gate.pass('toClient', content, change);
    if (passing.length === 0) {
      this.#offered = undefined;
      return false;
    }
    // Viewers that get all of it share its messages.
    const offered = passing.length === change.content.size ? change.content : partOf(content, passing);
    this.#offered = offered;
    this.#announce(offered);
    return true;
  }

  /** The formats that the viewer can take, whatever its rules. */
  #formats(): readonly ClipboardFormat[] {
    if (this.#kasm !== 'no') return ['text', 'html', 'png'];
    return this.#extended ? EXTENDED : ['text'];
  }

  /** Our page is sent text alone by the extended clipboard, which compresses it. */
  #announce(content: ClipboardContent): void {
    const usesItems =
      this.#kasm === 'page' || (this.#kasm === 'ours' && (content.size > 1 || !content.has('text')));
    if (usesItems) this.#sendNewest(formsOf(content).items([...content.keys()]));
    else if (this.#extended) this.#sendNewest(extendedClipboardNotify(flagsOf(this.#extendedFormats())));
    else if (content.has('text')) this.#sendNewest(formsOf(content).cutText());
  }

  /** Sends a message of the current offer once it is made, unless there is another offer by then. */
  #sendNewest(message: Uint8Array | Promise<Uint8Array>): void {
    const offer = ++this.#offers;
    const send = (kind: Newest, made: Uint8Array): void =>
      this.#options.outbox.newest(kind, () => (offer === this.#offers ? made : undefined));
    if (message instanceof Uint8Array) {
      send('clipboard offer', message);
      return;
    }
    // An older offer that still waits is of no use.
    this.#options.outbox.newest('clipboard offer', () => undefined);
    void message.then((made) => {
      if (offer === this.#offers) send('clipboard offer', made);
    });
  }

  #extendedFormats(): ClipboardFormat[] {
    return EXTENDED.filter((format) => this.#offered?.has(format));
  }

  async #inflate(data: Uint8Array, flags: number): Promise<void> {
    const { gate, bytes: budget } = this.#options;
    const counted: (() => void)[] = [];
    let leftBytes = gate.mostBytes('toServer');
    try {
      const { content, tooLarge } = await inflateClipboard(data, flags, (_format, bytes) => {
        // The zero behind a text, the header and frame of HTML, and CRs are not counted as content.
        const giveBack = bytes <= leftBytes * 2 + FRAME_BYTES ? budget.take(bytes) : undefined;
        if (giveBack) counted.push(giveBack);
        leftBytes -= Math.min(leftBytes, bytes);
        return giveBack !== undefined;
      });
      if (content.size > 0) this.#receive(content, false);
      if (tooLarge) gate.refuseLarge('toServer', tooLarge.bytes, [tooLarge.format]);
    } finally {
      for (const giveBack of counted) giveBack();
    }
  }

  #receive(content: ClipboardContent, isLatin1: boolean): void {
    const { gate, received } = this.#options;
    const passing = gate.pass('toServer', content);
    if (passing.length > 0) received({ content: partOf(content, passing), isLatin1 });
  }

  /**
   * Sends formats of the content. Requests that arrive while it is compressed get the same answer. If the content is
   * replaced meanwhile, the new one is sent instead.
   */
  #provide(wanted: readonly ClipboardFormat[]): void {
    const content = this.#offered;
    const formats = this.#extendedFormats().filter((format) => wanted.includes(format));
    if (!content || formats.length === 0 || this.#isProviding) return;
    const { outbox } = this.#options;
    const release = outbox.reserve(formats.reduce((sum, format) => sum + content.get(format)!.length, 0));
    this.#isProviding = true;
    // Compression fails only for want of memory. The viewer then keeps the content that it has.
    void Promise.resolve(formsOf(content).provided(formats))
      .catch(() => undefined)
      .then((message) => {
        this.#isProviding = false;
        release();
        if (this.#offered !== content) this.#provide(wanted);
        else if (message)
          outbox.newest('clipboard text', () => (this.#offered === content ? message : undefined));
      });
  }
}

/** Bytes around the content of a format: a header of HTML, a final zero. */
const FRAME_BYTES = 4096;

const flagsOf = (formats: readonly ClipboardFormat[]): number =>
  formats.reduce((flags, format) => flags | FORMAT_FLAGS[format], 0);
