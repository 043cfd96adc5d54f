// Text and HTML in the encodings that programs offer, as UTF-8 without a final zero.

export const withoutFinalZero = (bytes: Uint8Array): Uint8Array =>
  bytes.at(-1) === 0 ? bytes.subarray(0, -1) : bytes;

export const utf8FromLatin1 = (bytes: Buffer): Uint8Array => Buffer.from(bytes.toString('latin1'), 'utf8');

/** Some programs, such as old versions of Firefox, offer HTML as UTF-16. */
export function utf8OfHtml(bytes: Buffer): Uint8Array {
  const [first, second] = bytes;
  const isLittleEndian = (first === 0xff && second === 0xfe) || (first === 0x3c && second === 0);
  if (!isLittleEndian) {
    const isMarked = first === 0xef && second === 0xbb && bytes[2] === 0xbf;
    return withoutFinalZero(isMarked ? bytes.subarray(3) : bytes);
  }
  const text = bytes.toString('utf16le', first === 0xff ? 2 : 0, bytes.length & ~1);
  return Buffer.from(text.replace(/\0$/, ''), 'utf8');
}
