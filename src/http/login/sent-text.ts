const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Latin-1, and the signs that Windows has in place of its control characters, such as the euro. */
const windows1252 = new TextDecoder('windows-1252');

/**
 * Reads a name or a password that a program has sent. It is UTF-8, or Windows-1252 if its bytes are no UTF-8: some
 * programs, such as Python's requests and older ones of .NET, never send anything else.
 */
export function sentText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return windows1252.decode(bytes);
  }
}
