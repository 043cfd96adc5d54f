import { setImmediate as nextTurn } from 'node:timers/promises';
import { createDeflate } from 'node:zlib';
import {
  type ClipboardContent,
  type ClipboardFormat,
  contentBytes,
  FORMAT_FLAGS,
  MIME_TYPES,
  partOf,
} from '../../protocol/clipboard-content.ts';
import { windowsHtmlFrame } from '../../protocol/clipboard-html.ts';
import {
  binaryClipboard,
  cutTextOfLatin1,
  extendedClipboardProvide,
} from '../../protocol/server-messages.ts';
import { CrlfPieces, latin1Piece, PIECE_BYTES } from './text-bytes.ts';

/** Bytes of the length before each format. */
const LENGTH_BYTES = 4;

const ZERO = Uint8Array.of(0);

type Form = Uint8Array | Promise<Uint8Array>;

const formsByContent = new WeakMap<ClipboardContent, ClipboardForms>();

/** The messages of a content. Viewers of the same content share them. */
export function formsOf(content: ClipboardContent): ClipboardForms {
  const known = formsByContent.get(content);
  if (known) return known;
  const forms = new ClipboardForms(content);
  formsByContent.set(content, forms);
  return forms;
}

/**
 * Makes the messages that bring one content to viewers, each once while any viewer needs it. Small ones are made at once;
 * large ones in pieces, so that no step takes the main thread a millisecond.
 */
class ClipboardForms {
  static #lastId = 0;
  readonly #content: ClipboardContent;
  /** Messages that may still be in use, by what they hold. */
  readonly #made = new Map<string, WeakRef<Form & object>>();

  constructor(content: ClipboardContent) {
    this.#content = content;
  }

  /** Plain cut text, in Latin-1. */
  cutText(): Form {
    const text = this.#content.get('text') ?? new Uint8Array(0);
    return this.#once('cut text', () =>
      text.length <= PIECE_BYTES ? cutTextOfLatin1(latin1Piece()(text, true)) : latin1CutText(text),
    );
  }

  /** KasmVNC's message. It has the bytes as they are. */
  items(formats: readonly ClipboardFormat[]): Form {
    const make = (): Uint8Array =>
      binaryClipboard(
        formats.map((format) => ({
          id: ++ClipboardForms.#lastId,
          mime: MIME_TYPES[format],
          data: this.#content.get(format)!,
        })),
      );
    // Copying a large content takes milliseconds, as does the step that brought it.
    const isLarge = contentBytes(this.#content) > PIECE_BYTES;
    return this.#once(`items ${formats}`, () => (isLarge ? nextTurn().then(make) : make()));
  }

  /** The extended clipboard's. It is compressed on Node's threads. */
  provided(formats: readonly ClipboardFormat[]): Form {
    return this.#once(`provided ${formats}`, () => deflated(partOf(this.#content, formats)));
  }

  #once(key: string, make: () => Form): Form {
    const known = this.#made.get(key)?.deref();
    if (known) return known;
    const form = make();
    this.#made.set(key, new WeakRef(form));
    return form;
  }
}

async function latin1CutText(text: Uint8Array): Promise<Uint8Array> {
  const toLatin1 = latin1Piece();
  // No character takes more bytes in Latin-1.
  const latin1 = Buffer.allocUnsafeSlow(text.length);
  let end = 0;
  for (let from = 0; from < text.length; from += PIECE_BYTES) {
    const isLast = from + PIECE_BYTES >= text.length;
    end += toLatin1(text.subarray(from, from + PIECE_BYTES), isLast).copy(latin1, end);
    await nextTurn();
  }
  return cutTextOfLatin1(latin1.subarray(0, end));
}

async function deflated(content: ClipboardContent): Promise<Uint8Array> {
  const zlib = createDeflate();
  const compressed: Buffer[] = [];
  zlib.on('data', (data: Buffer) => compressed.push(data));
  const ended = new Promise<void>((resolve, reject) => {
    zlib.once('end', resolve);
    zlib.once('error', reject);
  });
  // A failure is that of the awaited writes too.
  ended.catch(() => undefined);
  const write = (bytes: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) =>
      zlib.write(bytes, (error?: Error | null) => (error ? reject(error) : resolve())),
    );
  let flags = 0;
  for (const [format, data] of content) {
    flags |= FORMAT_FLAGS[format];
    for await (const piece of format === 'text' ? crlfText(data) : windowsHtml(data)) await write(piece);
  }
  zlib.end();
  await ended;
  return extendedClipboardProvide(flags, Buffer.concat(compressed));
}

/** The text with CRLF line ends and a final zero, after its length. */
async function* crlfText(text: Uint8Array): AsyncGenerator<Uint8Array> {
  const counter = new CrlfPieces();
  let bytes = 1;
  for (let from = 0; from < text.length; from += PIECE_BYTES) {
    bytes += counter.lengthOf(text.subarray(from, from + PIECE_BYTES));
    if (text.length > PIECE_BYTES) await nextTurn();
  }
  yield lengthOf(bytes);
  const crlf = new CrlfPieces();
  for (let from = 0; from < text.length; from += PIECE_BYTES)
    yield crlf.of(text.subarray(from, from + PIECE_BYTES));
  yield ZERO;
}

function* windowsHtml(html: Uint8Array): Generator<Uint8Array> {
  const { before, after } = windowsHtmlFrame(html.length);
  yield lengthOf(before.length + html.length + after.length);
  yield before;
  for (let from = 0; from < html.length; from += PIECE_BYTES) yield html.subarray(from, from + PIECE_BYTES);
  yield after;
}

function lengthOf(bytes: number): Uint8Array {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(bytes);
  return length;
}
