import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { planRects } from '../../encode/plan/plan-rects.ts';
import { DirtyTiles, tileCount } from '../../pixels/dirty-tiles.ts';
import * as wire from '../../protocol/constants.ts';
import { SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { parseEncodings } from '../../protocol/settings-from-encodings.ts';
import type { ShownFrame } from '../frame/taker.ts';
import { ViewerPicture } from './viewer-picture.ts';

const SIZE = { width: 640, height: 384 };
const PAGE = parseEncodings([wire.ENCODING_TIGHT, wire.PSEUDO_DESKWIRE, wire.PSEUDO_QUALITY_FIRST + 5]);
/** Bytes per millisecond: 8 Mbit/s and 80 Mbit/s. */
const SLOW = 1_000;
const FAST = 10_000;

/** A photograph that holds still. */
const PHOTO: ShownFrame = {
  size: SIZE,
  colours: new Uint16Array(tileCount(SIZE)).fill(200),
  isMoving: () => false,
  cursor: undefined,
  isStill: () => true,
  webpPx: 0,
};

function pictureOf(settings = PAGE): ViewerPicture {
  const picture = new ViewerPicture(SIZE, {
    areaPercent: 100,
    timeMs: 5000,
    outTimeMs: 3000,
    qualityLevel: 5,
    maxSize: SIZE,
    filter: 'area',
  });
  picture.wants(settings, SERVER_PIXEL_FORMAT);
  picture.all(SIZE);
  return picture;
}

/** Sends all changes that the viewer lacks. */
function send(picture: ViewerPicture): void {
  const { owed, profile } = picture.take(PHOTO, undefined);
  picture.sends(planRects(owed.tiles, PHOTO, profile).map((rect) => ({ ...rect, purpose: 'change' })));
}

/** Sharpens until no blurred tile is left. Returns the pieces. */
function sharpen(picture: ViewerPicture, bytesPerMs: number, idleMs = 0): DirtyTiles[] {
  const pieces: DirtyTiles[] = [];
  for (;;) {
    picture.sharpen(PHOTO.isStill, bytesPerMs, idleMs);
    if (!picture.lacksSomething) return pieces;
    const { tiles, sharpening } = picture.take(PHOTO, undefined).owed;
    assert.ok(tiles.isEmpty && sharpening && !sharpening.isEmpty);
    pieces.push(sharpening);
  }
}

function union(pieces: readonly DirtyTiles[]): DirtyTiles {
  const all = new DirtyTiles(SIZE);
  for (const piece of pieces) all.merge(piece);
  return all;
}

suite('sharpening', () => {
  test('sharpening covers all of a blurred picture, and each tile once', () => {
    const picture = pictureOf();
    send(picture);
    const pieces = sharpen(picture, SLOW);
    assert.ok(union(pieces).equals(DirtyTiles.whole(SIZE)));
    assert.deepEqual(sharpen(picture, SLOW), []);
  });

  test('sharpened pieces are larger if the link is idle between them', () => {
    const [paced, asking] = [0, 100].map((idleMs) => {
      const picture = pictureOf();
      send(picture);
      return sharpen(picture, SLOW, idleMs).length;
    });
    assert.ok(asking! <= paced! / 2, `${asking} pieces, and ${paced}`);
  });

  test('tiles that were sharpened as JPEG are sent without loss once the link proves to be fast', () => {
    const picture = pictureOf();
    send(picture);
    sharpen(picture, SLOW);
    assert.notEqual(picture.profile.lossy?.still, undefined);
    const again = sharpen(picture, FAST);
    assert.equal(picture.profile.lossy?.still, undefined);
    assert.ok(union(again).equals(DirtyTiles.whole(SIZE)));
    for (const rate of [SLOW, FAST]) assert.deepEqual(sharpen(picture, rate), []);
  });

  test('tiles that were sent without loss since they were sharpened as JPEG are not sharpened again', () => {
    const picture = pictureOf();
    send(picture);
    sharpen(picture, SLOW);
    picture.all(SIZE);
    send(picture);
    picture.add({ x: 0, y: 0, ...SIZE });
    picture.take(PHOTO, undefined);
    picture.sends([{ rect: { x: 0, y: 0, ...SIZE }, method: { name: 'lossless' }, purpose: 'change' }]);
    assert.deepEqual(sharpen(picture, FAST), []);
  });

  test('no tile is sharpened in an update from which part of a change is postponed', () => {
    const picture = pictureOf(parseEncodings([wire.ENCODING_TIGHT, wire.PSEUDO_FINE_QUALITY_LAST]));
    send(picture);
    picture.sharpen(PHOTO.isStill, SLOW, 0);
    picture.add({ x: 0, y: 0, ...SIZE });
    const { tiles, sharpening } = picture.take(PHOTO, 1).owed;
    assert.ok(!tiles.isEmpty && !tiles.equals(DirtyTiles.whole(SIZE)));
    assert.equal(sharpening, undefined);
  });
});
