import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENCODING_TIGHT, ENCODING_ZLIB, ENCODING_ZRLE } from '../../protocol/constants.ts';
import { zlibLength } from '../../protocol/older-rects.ts';
import { rectHeader } from '../../protocol/rect-header.ts';
import { ZlibBeginnings } from './zlib-beginnings.ts';

const rectOf = (encoding: number, ...data: number[]): Buffer =>
  Buffer.concat([rectHeader(1, 2, 3, 4, encoding), zlibLength(data.length), Uint8Array.from(data)]);

test('the first rect of a viewer’s ZRLE stream gets the header of the stream, and no later one', () => {
  const beginnings = new ZlibBeginnings();
  assert.deepEqual(beginnings.of(rectOf(ENCODING_ZRLE, 7, 8)), rectOf(ENCODING_ZRLE, 0x78, 0x01, 7, 8));
  assert.deepEqual(beginnings.of(rectOf(ENCODING_ZRLE, 7, 8)), rectOf(ENCODING_ZRLE, 7, 8));
});

test('ZRLE and zlib have a stream each', () => {
  const beginnings = new ZlibBeginnings();
  beginnings.of(rectOf(ENCODING_ZRLE, 7));
  assert.deepEqual(beginnings.of(rectOf(ENCODING_ZLIB, 9)), rectOf(ENCODING_ZLIB, 0x78, 0x01, 9));
});

test('rects of other encodings are sent as they are', () => {
  const rect = rectOf(ENCODING_TIGHT, 1);
  assert.equal(new ZlibBeginnings().of(rect), rect);
});
