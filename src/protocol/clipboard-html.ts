import { decodeUtf8, encodeUtf8 } from './text.ts';

// The extended clipboard has HTML as Windows keeps it: a header with the places of the document and of the fragment
// that was copied, in bytes, and both in UTF-8 (Microsoft, "HTML Clipboard Format").

const BEFORE = '<html><body>\r\n<!--StartFragment-->';
const AFTER = '<!--EndFragment-->\r\n</body></html>';

/** Bytes at the beginning in which the header is looked for. Programs write 100 to 500. */
const MOST_HEADER_BYTES = 4096;

const header = (places: readonly number[]): string => {
  const [startHtml, endHtml, startFragment, endFragment] = places.map((at) => String(at).padStart(10, '0'));
  return (
    `Version:0.9\r\nStartHTML:${startHtml}\r\nEndHTML:${endHtml}\r\n` +
    `StartFragment:${startFragment}\r\nEndFragment:${endFragment}\r\n`
  );
};

/** Returns what stands before and behind a fragment of so many bytes. */
export function windowsHtmlFrame(fragmentBytes: number): { before: Uint8Array; after: Uint8Array } {
  const headerBytes = header([0, 0, 0, 0]).length;
  const startFragment = headerBytes + BEFORE.length;
  const endFragment = startFragment + fragmentBytes;
  const places = [headerBytes, endFragment + AFTER.length, startFragment, endFragment];
  return { before: encodeUtf8(header(places) + BEFORE), after: encodeUtf8(AFTER) };
}

/** Returns the fragment of HTML as Windows keeps it, or the data as it is if it has no such header. */
export function htmlFromWindows(data: Uint8Array): Uint8Array {
  const head = decodeUtf8(data.subarray(0, MOST_HEADER_BYTES));
  if (!head.startsWith('Version:')) return data;
  const placeOf = (name: string): number =>
    Number(new RegExp(`\\b${name}:(\\d{1,10})`).exec(head)?.[1] ?? -1);
  for (const part of ['Fragment', 'HTML']) {
    const start = placeOf(`Start${part}`);
    const end = placeOf(`End${part}`);
    if (start >= 0 && end >= start && end <= data.length) return data.subarray(start, end);
  }
  return data;
}
