import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { LossyQuality } from '../../encode/plan/profile.ts';
import { DirtyTiles, tileCount } from '../../pixels/dirty-tiles.ts';
import { areaPx } from '../../pixels/rect.ts';
import { jpegQualityOf } from '../../protocol/quality.ts';
import { LinkQuality, type Selection } from './link-quality.ts';

const SIZE = { width: 1920, height: 1080 };
/** Bytes per millisecond: 5 Mbit/s and 100 Mbit/s. */
const SLOW = 625;
const FAST = 12_500;
const LADDER = [0, 1, 2, 3, 4, 5]
  .map(jpegQualityOf)
  .map((changed): LossyQuality => ({ moving: changed, changed, still: undefined }));
const WISH = LADDER.at(-1)!;
const PHOTO = new Uint16Array(tileCount(SIZE)).fill(129);
const TEXT = new Uint16Array(tileCount(SIZE)).fill(20);

const whole = (): DirtyTiles => DirtyTiles.whole(SIZE);
function part(height: number): DirtyTiles {
  const tiles = new DirtyTiles(SIZE);
  tiles.add({ x: 0, y: 0, width: SIZE.width, height });
  return tiles;
}

function qualityOf(ladder: readonly LossyQuality[]): LinkQuality {
  const quality = new LinkQuality();
  quality.ladder = ladder;
  return quality;
}

/** Sends a selection of a picture that takes these bytes per pixel at each quality. Returns the bytes. */
function send(
  quality: LinkQuality,
  { part, lossy, usual }: Selection,
  bytesPerPx: (quality: number) => number,
): number {
  const bytes = part.areaPx * bytesPerPx(lossy!.changed.quality);
  quality.learn(usual, [{ encoder: 'TightJPEGEncoder', purpose: 'change', bytes }]);
  return bytes;
}

suite('which quality', () => {
  test('an update goes out whole at the set quality if the link carries it or is not known to be the limit', () => {
    const quality = qualityOf(LADDER);
    for (const rate of [undefined, FAST]) {
      const { part: sent, rest, lossy } = quality.choose(whole(), PHOTO, rate);
      assert.equal(lossy, WISH);
      assert.ok(sent.equals(whole()) && rest.isEmpty);
      assert.equal(quality.isFreeFor(SIZE, rate), true);
    }
  });

  test('a photograph of the whole screen goes out whole at the lowest quality on a slow link', () => {
    const quality = qualityOf(LADDER);
    const { rest, lossy } = quality.choose(whole(), PHOTO, SLOW);
    assert.equal(lossy, LADDER[0]);
    assert.ok(rest.isEmpty);
    assert.equal(quality.isFreeFor(SIZE, SLOW), false);
  });

  test('a smaller change gets a better quality on the same link, up to the one that the viewer set', () => {
    const qualities = [1080, 640, 448, 320, 192, 64].map(
      (height) => qualityOf(LADDER).choose(part(height), PHOTO, SLOW).lossy!.changed.quality,
    );
    assert.deepEqual(
      qualities,
      [...qualities].sort((a, b) => a - b),
    );
    assert.equal(qualities[0], LADDER[0]!.changed.quality);
    assert.equal(qualities.at(-1), WISH.changed.quality);
    assert.ok(new Set(qualities).size >= 3, qualities.join());
  });

  test('the quality rises again with the rate of the link', () => {
    const quality = qualityOf(LADDER);
    quality.choose(whole(), PHOTO, SLOW);
    const steps = [700, 1000, 1400, 2000, 3000, 4000].map(
      (rate) => quality.choose(whole(), PHOTO, rate).lossy!.changed.quality,
    );
    assert.deepEqual(
      steps,
      [...steps].sort((a, b) => a - b),
    );
    assert.equal(steps.at(-1), WISH.changed.quality);
  });

  test('the quality stays the same while the estimated rate varies by a few per cent', () => {
    for (let base = 600; base < 5000; base *= 1.1) {
      const quality = qualityOf(LADDER);
      // From below, so that the rate is in the middle of the range in which the quality stays.
      quality.choose(whole(), PHOTO, base * 0.97);
      quality.choose(whole(), PHOTO, base);
      const qualities = [1.02, 0.99, 1.03, 1, 1.01].map(
        (factor) => quality.choose(whole(), PHOTO, base * factor).lossy!.changed.quality,
      );
      const changes = qualities.slice(1).filter((value, i) => value !== qualities[i]).length;
      assert.ok(changes <= 1, `${qualities} at ${base}`);
    }
  });

  test('a viewer that has the quality it set keeps it at a rate at which it would not get it back', () => {
    const bytes = areaPx(SIZE) * 0.16;
    const quality = qualityOf(LADDER);
    assert.equal(quality.choose(whole(), PHOTO, bytes / 150).lossy, WISH);
    assert.notEqual(quality.choose(whole(), PHOTO, bytes / 170).lossy, WISH);
    assert.notEqual(quality.choose(whole(), PHOTO, bytes / 150).lossy, WISH);
  });

  test('text does not lower the quality, neither alone nor beside a small photograph', () => {
    assert.equal(qualityOf(LADDER).choose(whole(), TEXT, SLOW).lossy, WISH);
    const colours = TEXT.slice();
    colours.fill(129, 0, 4);
    assert.equal(qualityOf(LADDER).choose(part(64), colours, SLOW).lossy, WISH);
  });

  test('after an update that took more bytes than expected, the next ones fit the link', () => {
    const quality = qualityOf(LADDER);
    // Four times the bytes of a photograph, as noise takes.
    const bytesPerPx = (q: number): number => (q < 20 ? 0.16 : 0.64);
    send(quality, quality.choose(whole(), PHOTO, SLOW), bytesPerPx);
    for (let i = 0; i < 20; i++) {
      const bytes = send(quality, quality.choose(whole(), PHOTO, SLOW), bytesPerPx);
      assert.ok(bytes <= SLOW * 161, `${bytes} bytes`);
      assert.ok(bytes >= SLOW * 60, `${bytes} bytes`);
    }
  });
});

suite('how much', () => {
  test('updates take 40 ms of a link that loses packets, or 6 KB of a very slow one', () => {
    const bytes = (rate: number, isLossy: boolean): number =>
      qualityOf([]).choose(whole(), TEXT, rate, isLossy).expectedBytes;
    assert.ok(
      bytes(SLOW, false) > SLOW * 70 && bytes(SLOW, false) <= SLOW * 110,
      `${bytes(SLOW, false)} bytes`,
    );
    assert.ok(bytes(SLOW, true) > SLOW * 20 && bytes(SLOW, true) <= SLOW * 40, `${bytes(SLOW, true)} bytes`);
    assert.ok(bytes(80, true) > 3_000 && bytes(80, true) <= 6_000, `${bytes(80, true)} bytes`);
    assert.equal(bytes(40, true), bytes(40, false), 'never more than without losses');
  });

  test('a link that loses packets carries whole screens only if it does in a third of the time', () => {
    const quality = qualityOf(LADDER);
    const least = [false, true].map((isLossy) => {
      for (let rate = 100; ; rate *= 1.01) if (quality.isFreeFor(SIZE, rate, isLossy)) return rate;
    });
    assert.ok(Math.abs(least[1]! / least[0]! - 110 / 40) < 0.1, `${least}`);
    assert.equal(quality.isFreeFor(SIZE, undefined, true), true);
  });

  /** Takes pieces until nothing is left. */
  function pieces(quality: LinkQuality, lacks: DirtyTiles, colours: Uint16Array, rate: number): DirtyTiles[] {
    const taken: DirtyTiles[] = [];
    for (let left = lacks; !left.isEmpty; ) {
      const { part: piece, rest } = quality.choose(left, colours, rate);
      assert.ok(!piece.isEmpty);
      taken.push(piece);
      left = rest;
    }
    return taken;
  }

  test('text that the link can not carry at once is sent in pieces of whole rows, each tile once', () => {
    const taken = pieces(qualityOf(LADDER), whole(), TEXT, SLOW);
    assert.ok(taken.length >= 2 && taken.length <= 4, `${taken.length}`);
    const all = new DirtyTiles(SIZE);
    for (const piece of taken) {
      all.merge(piece);
      for (const { x, width } of piece.rects(SIZE.width)) assert.deepEqual([x, width], [0, SIZE.width]);
    }
    assert.ok(all.equals(whole()));
    assert.equal(
      taken.reduce((sum, piece) => sum + piece.areaPx, 0),
      areaPx(SIZE),
      'no tile is sent twice',
    );
  });

  test('every tile of a screen that changes all the time is sent equally often', () => {
    const quality = qualityOf(LADDER);
    const sentTimes = new Array<number>(tileCount(SIZE)).fill(0);
    for (let i = 0; i < 30; i++) {
      const { part: piece } = quality.choose(whole(), TEXT, SLOW);
      piece.forEachBox((at) => {
        sentTimes[at]!++;
      });
    }
    assert.ok(Math.max(...sentTimes) - Math.min(...sentTimes) <= 1, `${sentTimes}`);
  });

  test('a viewer without loss is sent a photograph in parts of rows if the link carries no whole row', () => {
    const quality = qualityOf([]);
    const { part: piece, lossy } = quality.choose(whole(), PHOTO, SLOW);
    assert.equal(lossy, undefined);
    assert.ok(piece.areaPx >= 64 * 64 && piece.areaPx * 2.3 <= SLOW * 110);
    assert.ok(pieces(quality, part(64), PHOTO, SLOW).length > 1);
  });

  test('at least one tile is sent over the slowest link', () => {
    const { part: piece } = qualityOf([]).choose(whole(), PHOTO, 1);
    assert.equal(piece.areaPx, 64 * 64);
  });
});
