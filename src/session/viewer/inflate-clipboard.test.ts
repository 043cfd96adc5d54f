import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { CLIPBOARD_TEXT } from '../../protocol/constants.ts';
import { clipboardTextFromInflated, clipboardTextToDeflate } from '../../protocol/extended-clipboard.ts';
import { inflateClipboardText } from './inflate-clipboard.ts';

const MAX_BYTES = 4 << 20;

/** Text with its length in front, as in a provide message. */
function withLength(text: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, text]);
}

test('clipboard text inflated in pieces equals the text inflated at once, wherever pieces end', async () => {
  const anyText = fc.array(fc.constantFrom('a', '\r', '\n', '\r\n', '\0', 'ü', '漢', '😀'), {
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(anyText, fc.boolean(), fc.nat(9), async (parts, closed, behind) => {
      const bytes = Buffer.from(`${parts.join('')}${closed ? '\0' : ''}`);
      // Other formats of the same content, which the reader ignores.
      const inflated = Buffer.concat([withLength(bytes), Buffer.alloc(behind, 'z')]);
      const text = await inflateClipboardText(deflateSync(inflated), MAX_BYTES);
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
      assert.ok((await inflateClipboardText(data, MAX_BYTES)) === text, `${unit} by ${shift}`);
    }
  }
});

test('clipboard data that does not inflate, is cut short or is too long is refused', async () => {
  const long = clipboardTextToDeflate('x'.repeat(MAX_BYTES));
  const bad: Record<string, Uint8Array> = {
    'no zlib stream': Uint8Array.of(1, 2, 3),
    nothing: new Uint8Array(0),
    'no length': deflateSync(Uint8Array.of(0, 0)),
    'cut short': deflateSync(clipboardTextToDeflate('cut short').subarray(0, 8)),
    'cut after a piece': deflateSync(long.subarray(0, 300_000)),
    'a byte too long': deflateSync(long),
    'broken off': deflateSync(long).subarray(0, 100),
  };
  for (const [name, data] of Object.entries(bad))
    await assert.rejects(inflateClipboardText(data, MAX_BYTES), { code: 'RFB_MALFORMED' }, name);
  assert.equal((await inflateClipboardText(deflateSync(long), MAX_BYTES + 1)).length, MAX_BYTES);
});
