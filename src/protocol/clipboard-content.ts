import { CLIPBOARD_HTML, CLIPBOARD_TEXT } from './constants.ts';
import { decodeUtf8, encodeUtf8 } from './text.ts';

/** The forms in which a clipboard's content can pass, the most useful one first. */
export const CLIPBOARD_FORMATS = ['text', 'html', 'png'] as const;

export type ClipboardFormat = (typeof CLIPBOARD_FORMATS)[number];

/** One content in each form in which it is there, in the order of CLIPBOARD_FORMATS. Text and HTML are UTF-8. */
export type ClipboardContent = ReadonlyMap<ClipboardFormat, Uint8Array>;

export const NO_CONTENT: ClipboardContent = new Map();

/** MIME types, as KasmVNC's clipboard names formats. */
export const MIME_TYPES: Readonly<Record<ClipboardFormat, string>> = {
  text: 'text/plain',
  html: 'text/html',
  png: 'image/png',
};

/** Bits of the formats that the extended clipboard has: rfbproto, "Extended Clipboard Pseudo-Encoding". */
export const FORMAT_FLAGS: Readonly<Record<ClipboardFormat, number>> = {
  text: CLIPBOARD_TEXT,
  html: CLIPBOARD_HTML,
  png: 0,
};

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

export const textContent = (text: string): ClipboardContent => new Map([['text', encodeUtf8(text)]]);

/** The text of a content, if it has one. */
export function textOf(content: ClipboardContent): string | undefined {
  const text = content.get('text');
  return text && decodeUtf8(text);
}

/** The parts of a content in these formats. */
export function partOf(content: ClipboardContent, formats: readonly ClipboardFormat[]): ClipboardContent {
  return new Map([...content].filter(([format]) => formats.includes(format)));
}

/** Bytes of a content in all its forms. */
export function contentBytes(content: ClipboardContent): number {
  let bytes = 0;
  for (const data of content.values()) bytes += data.length;
  return bytes;
}

/** Whether data begins as a PNG does. */
export const isPng = (data: Uint8Array): boolean => PNG_SIGNATURE.every((byte, at) => data[at] === byte);

/** The format of a MIME type, whatever its parameters and case. */
export function formatOfMime(mime: string): ClipboardFormat | undefined {
  const bare = mime.split(';', 1)[0]!.trim().toLowerCase();
  return CLIPBOARD_FORMATS.find((format) => MIME_TYPES[format] === bare);
}
