import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areaPx, type Size } from '../../pixels/rect.ts';
import { createSharedFrame } from '../../pixels/shared-frame.ts';
import { SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { createThreadPacker } from '../threads/thread-packer.ts';
import { encodeLossless } from './lossless.ts';
import { packedSource } from './pixel-source.ts';

/** A picture of many colours without loss, compressed at this level. */
function encoded(size: Size, zlibLevel: number): Buffer {
  const packer = createThreadPacker(createSharedFrame(size), 0);
  const source = packedSource(size, new Uint8Array(areaPx(size) * 4));
  for (let i = 0; i < source.words.length; i++) source.words[i] = ((i * 2_654_435_761) >>> 9) & 0x0f3f1f;
  return Buffer.concat(encodeLossless(source, { format: SERVER_PIXEL_FORMAT, zlibLevel }, packer).parts);
}

test('a viewer cannot have the encoders spend the time of a high compression level on a large rect', () => {
  const large = { width: 512, height: 65 };
  assert.ok(encoded(large, 9).equals(encoded(large, 1)));
});

test('a small rect is compressed at the level that the viewer sets', () => {
  const small = { width: 512, height: 64 };
  assert.ok(!encoded(small, 9).equals(encoded(small, 1)));
});
