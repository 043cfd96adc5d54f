import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RFB_ERRORS, RfbError, type RfbErrorCode } from './errors.ts';
import { decodeLatin1, decodeUtf8, encodeLatin1, encodeUtf8 } from './text.ts';

test('Latin-1 encodes all 256 characters, and "?" for any other', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  assert.deepEqual(encodeLatin1(decodeLatin1(bytes)), bytes);
  assert.equal(decodeLatin1(Uint8Array.of(0x80)), '\u0080');
  assert.equal(decodeLatin1(encodeLatin1('a\u20ac\u{1f600}b')), 'a??b');
  for (const at of [0, 1, 2, 3, 4, 5, 97, 98, 99, 100]) {
    // At each place of a word, and in memory that begins at each.
    const text = `${'x'.repeat(at)}\u0085${'\u00e9'.repeat(100 - at)}`;
    for (const from of [0, 1, 2, 3])
      assert.equal(decodeLatin1(encodeLatin1(`${'y'.repeat(from)}${text}`).subarray(from)), text);
  }
  const long = 'x\u00ff'.repeat(100_000);
  assert.equal(decodeLatin1(encodeLatin1(long)), long);
});

test('UTF-8 text survives a round trip, and invalid bytes become U+FFFD', () => {
  assert.equal(decodeUtf8(encodeUtf8('\u20ac\u{1f600}')), '\u20ac\u{1f600}');
  assert.equal(decodeUtf8(Uint8Array.of(0x61, 0xff)), 'a\ufffd');
});

test('an RfbError has its code, its message with the detail, and its cause', () => {
  const cause = new Error('below');
  for (const code of Object.keys(RFB_ERRORS) as RfbErrorCode[]) {
    const error = new RfbError(code, 'Here.', { cause });
    assert.equal(error.code, code);
    assert.equal(error.message, `${RFB_ERRORS[code]} Here.`);
    assert.equal(error.cause, cause);
    assert.equal(new RfbError(code).message, RFB_ERRORS[code]);
  }
});
