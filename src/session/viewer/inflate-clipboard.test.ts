import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { clipboardTextToDeflate } from '../../../test/support/clipboard-text-to-deflate.ts';
import { textOf } from '../../protocol/clipboard-content.ts';
import { CLIPBOARD_HTML, CLIPBOARD_TEXT } from '../../protocol/constants.ts';
import { clipboardTextFromInflated } from '../../protocol/extended-clipboard.ts';
import { inflateClipboard } from './inflate-clipboard.ts';

const MAX_BYTES = 4 << 20;
const RTF = 1 << 1;

/** Bytes with their length in front, as in a provide message. */
function withLength(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

const inflate = (data: Uint8Array, flags = CLIPBOARD_TEXT) =>
  inflateClipboard(data, flags, (_format, bytes) => bytes <= MAX_BYTES);

const inflateText = async (data: Uint8Array): Promise<string | undefined> =>
  textOf((await inflate(data)).content);

test('clipboard text inflated in pieces equals the text inflated at once, wherever pieces end', async () => {
  const anyText = fc.array(fc.constantFrom('a', '\r', '\n', '\r\n', '\0', 'ü', '漢', '😀'), {
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(anyText, fc.boolean(), fc.nat(9), async (parts, closed, behind) => {
      const bytes = Buffer.from(`${parts.join('')}${closed ? '\0' : ''}`);
      // Other formats of the same content, which the reader ignores.
      const inflated = Buffer.concat([withLength(bytes), Buffer.alloc(behind, 'z')]);
      const text = await inflateText(deflateSync(inflated));
      assert.equal(text, clipboardTextFromInflated(CLIPBOARD_TEXT, inflated));
    }),
    { numRuns: 50 },
  );
});

test('long clipboard text is inflated whole, although pieces end inside characters and line ends', async () => {
  for (const unit of ['a\n', '漢', '😀\nü']) {
    // One more character each time moves the ends of the pieces.
    for (let shift = 0; shift < 4; shift++) {
      const text = '.'.repeat(shift) + unit.repeat(100_000);
      const data = deflateSync(clipboardTextToDeflate(text), { finishFlush: constants.Z_SYNC_FLUSH });
      assert.ok((await inflateText(data)) === text, `${unit} by ${shift}`);
    }
  }
});

test('clipboard data that does not inflate or is cut short is refused', async () => {
  const long = clipboardTextToDeflate('x'.repeat(MAX_BYTES - 1));
  const bad: Record<string, Uint8Array> = {
    'no zlib stream': Uint8Array.of(1, 2, 3),
    nothing: new Uint8Array(0),
    'no length': deflateSync(Uint8Array.of(0, 0)),
    'cut short': deflateSync(clipboardTextToDeflate('cut short').subarray(0, 8)),
    'cut after a piece': deflateSync(long.subarray(0, 300_000)),
    'broken off': deflateSync(long).subarray(0, 100),
  };
  for (const [name, data] of Object.entries(bad))
    await assert.rejects(inflate(data), { code: 'RFB_MALFORMED' }, name);
  assert.equal((await inflateText(deflateSync(long)))?.length, MAX_BYTES - 1);
});

test('clipboard text that is a byte too long is reported with its length, and nothing of it is kept', async () => {
  const long = clipboardTextToDeflate('x'.repeat(MAX_BYTES));
  const { content, tooLarge } = await inflate(deflateSync(long));
  assert.equal(content.size, 0);
  assert.deepEqual(tooLarge, { format: 'text', bytes: MAX_BYTES + 1 });
});

test('of several formats text and HTML are read, and what lies between them is skipped', async () => {
  const flags = CLIPBOARD_TEXT | RTF | CLIPBOARD_HTML;
  const formats = [Buffer.from('text\0'), Buffer.alloc(500_000, 'r'), Buffer.from('<i>html</i>')];
  const { content } = await inflate(deflateSync(Buffer.concat(formats.map(withLength))), flags);
  assert.deepEqual(
    [...content].map(([format, bytes]) => [format, Buffer.from(bytes).toString()]),
    [
      ['text', 'text'],
      ['html', '<i>html</i>'],
    ],
  );
});

test('a format of no use that claims gigabytes is not read through', async () => {
  const length = Buffer.from([0xff, 0xff, 0xff, 0xff]);
  const { content, tooLarge } = await inflate(deflateSync(length), RTF | CLIPBOARD_HTML);
  assert.equal(content.size, 0);
  assert.equal(tooLarge?.bytes, 0xffff_ffff);
});
