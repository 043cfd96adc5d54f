/** Globals that Node and browsers have, but TypeScript's own library does not declare. */
interface TextCoding {
  readonly TextEncoder: new () => { encode(text: string): Uint8Array<ArrayBuffer> };
  readonly TextDecoder: new (label: string) => { decode(bytes: Uint8Array): string };
}

const { TextDecoder, TextEncoder } = globalThis as unknown as TextCoding;
const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder('utf-8');
const windows1252Decoder = new TextDecoder('latin1');

const QUESTION_MARK = 0x3f;

/** Characters made in one call. More arguments than this can exceed an engine's stack. */
const CHUNK = 8192;

export const encodeUtf8 = (text: string): Uint8Array<ArrayBuffer> => utf8Encoder.encode(text);

/** Decodes UTF-8. Invalid bytes become U+FFFD. */
export const decodeUtf8 = (bytes: Uint8Array): string => utf8Decoder.decode(bytes);

/** Encodes ISO 8859-1, the text of RFC 6143. Any other character becomes one "?". */
export function encodeLatin1(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    bytes[length++] = code > 0xff ? QUESTION_MARK : code;
  }
  return bytes.subarray(0, length);
}

export function decodeLatin1(bytes: Uint8Array): string {
  // A tenth of the time, which counts for clipboards.
  if (!hasC1(bytes)) return windows1252Decoder.decode(bytes);
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) {
    // Spread into arguments, it would take six times as long.
    text += String.fromCharCode.apply(undefined, bytes.subarray(at, at + CHUNK) as unknown as number[]);
  }
  return text;
}

/** Whether bytes are among 0x80-0x9f: TextDecoder's "latin1" is windows-1252, which has other characters there. */
function hasC1(bytes: Uint8Array): boolean {
  const isC1 = (byte: number): boolean => (byte & 0xe0) === 0x80;
  // Four bytes at a time, of which most texts have none above 0x7f.
  const before = Math.min(bytes.length, -bytes.byteOffset & 3);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset + before, (bytes.length - before) >> 2);
  for (let i = 0; i < words.length; i++) {
    if ((words[i]! & 0x80808080) === 0) continue;
    const at = before + i * 4;
    if (bytes.subarray(at, at + 4).some(isC1)) return true;
  }
  return bytes.subarray(0, before).some(isC1) || bytes.subarray(before + words.length * 4).some(isC1);
}
