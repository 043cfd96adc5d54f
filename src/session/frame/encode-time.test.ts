import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { RGB565 } from '../../../test/support/pixel-formats.ts';
import type { EncodeProfile } from '../../encode/plan/profile.ts';
import { DirtyTiles, tileCount } from '../../pixels/dirty-tiles.ts';
import { cutToTime, LEAST_PIECE_PX, sharpeningCpuMs } from './encode-time.ts';

const SIZE = { width: 1920, height: 1080 };
const WHOLE = DirtyTiles.whole(SIZE);
const PHOTO = new Uint16Array(tileCount(SIZE)).fill(129);
const TEXT = new Uint16Array(tileCount(SIZE)).fill(2);
const LOSSLESS: EncodeProfile = { format: RGB565, encoding: 'tight', lossy: undefined, zlibLevel: 9 };
const JPEG: EncodeProfile = {
  ...LOSSLESS,
  lossy: {
    moving: { quality: 77, subsampling: '4:2:0' },
    changed: { quality: 77, subsampling: '4:2:0' },
    still: undefined,
  },
};

suite('a piece of an update', () => {
  for (const { name, profile, colours, mostCpuMs, leastPx, mostPx } of [
    { name: 'all of a screen of text', profile: LOSSLESS, colours: TEXT, mostCpuMs: 60, leastPx: 2_073_600 },
    { name: 'all of a photograph as JPEG', profile: JPEG, colours: PHOTO, mostCpuMs: 60, leastPx: 2_073_600 },
    {
      name: 'a part of a photograph without loss',
      profile: LOSSLESS,
      colours: PHOTO,
      mostCpuMs: 60,
      leastPx: 400_000,
      mostPx: 520_000,
    },
    {
      name: 'at least some tiles',
      profile: LOSSLESS,
      colours: PHOTO,
      mostCpuMs: 0,
      leastPx: LEAST_PIECE_PX,
      mostPx: LEAST_PIECE_PX + 64 * 64,
    },
  ]) {
    test(`a piece of an update that may take ${mostCpuMs} ms is ${name}`, () => {
      const { part, rest } = cutToTime(WHOLE, profile, colours, 0, mostCpuMs);
      assert.ok(part.areaPx >= leastPx && part.areaPx <= (mostPx ?? leastPx), `${part.areaPx} px`);
      assert.equal(part.areaPx + rest.areaPx, WHOLE.areaPx);
    });
  }

  test('pieces of a screen that keeps changing go round it', () => {
    const seen = new DirtyTiles(SIZE);
    let next = 0;
    for (let i = 0; i < 6; i++) {
      const { part, nextTile } = cutToTime(WHOLE, LOSSLESS, PHOTO, next, 60);
      seen.merge(part);
      next = nextTile;
    }
    assert.ok(seen.equals(WHOLE));
  });
});

test('sharpening takes as long as encoding photographs without loss', () => {
  assert.equal(sharpeningCpuMs(JPEG, 1e6), sharpeningCpuMs(LOSSLESS, 1e6));
  assert.ok(sharpeningCpuMs(JPEG, 1e6) > 100);
});
