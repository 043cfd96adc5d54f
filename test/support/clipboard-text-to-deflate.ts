import { ByteWriter } from '../../src/protocol/byte-writer.ts';
import { encodeUtf8 } from '../../src/protocol/text.ts';

/**
 * Returns what a provide message of the extended clipboard deflates (rfbproto): the text with CRLF line ends and a
 * final zero, preceded by its length. Server and page make it in steps, of their own.
 */
export function clipboardTextToDeflate(text: string): Uint8Array<ArrayBuffer> {
  const bytes = encodeUtf8(`${text.replace(/\r\n|\r|\n/g, '\r\n')}\0`);
  return new ByteWriter(4 + bytes.length).u32(bytes.length).bytes(bytes).done();
}
