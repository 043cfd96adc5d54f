import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { LossyQuality } from '../../encode/plan/profile.ts';
import { DirtyTiles, tileCount } from '../../pixels/dirty-tiles.ts';
import { areaPx } from '../../pixels/rect.ts';
import { jpegQualityOf } from '../../protocol/quality.ts';
import { LinkQuality, type Selection } from './link-quality.ts';

const SIZE = { width: 1920, height: 1080 };
/** Bytes a millisecond: 5 Mbit/s, and 100. */
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

/** As a picture that takes `factor` times what is usual. */
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
  test('where the link is not known to limit, or carries it, all goes out as it was wished', () => {
    const quality = qualityOf(LADDER);
    for (const rate of [undefined, FAST]) {
      const { part: sent, rest, lossy } = quality.choose(whole(), PHOTO, rate);
      assert.equal(lossy, WISH);
      assert.ok(sent.equals(whole()) && rest.isEmpty);
      assert.equal(quality.isFreeFor(SIZE, rate), true);
    }
  });

  test('a whole photograph on a slow link goes out whole, at the least', () => {
    const quality = qualityOf(LADDER);
    const { rest, lossy } = quality.choose(whole(), PHOTO, SLOW);
    assert.equal(lossy, LADDER[0]);
    assert.ok(rest.isEmpty);
    assert.equal(quality.isFreeFor(SIZE, SLOW), false);
  });

  test('the smaller the change, the better, up to the wish', () => {
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

  test('comes back with the link', () => {
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

  test('does not change with an estimate that is a little off', () => {
    for (let base = 600; base < 5000; base *= 1.1) {
      const quality = qualityOf(LADDER);
      // From below, so that it is in the middle of where it stays.
      quality.choose(whole(), PHOTO, base * 0.97);
      quality.choose(whole(), PHOTO, base);
      const qualities = [1.02, 0.99, 1.03, 1, 1.01].map(
        (factor) => quality.choose(whole(), PHOTO, base * factor).lossy!.changed.quality,
      );
      const changes = qualities.slice(1).filter((value, i) => value !== qualities[i]).length;
      assert.ok(changes <= 1, `${qualities} at ${base}`);
    }
  });

  test('a viewer that has its wish keeps it a little longer', () => {
    const bytes = areaPx(SIZE) * 0.16;
    const quality = qualityOf(LADDER);
    assert.equal(quality.choose(whole(), PHOTO, bytes / 150).lossy, WISH);
    assert.notEqual(quality.choose(whole(), PHOTO, bytes / 170).lossy, WISH);
    assert.notEqual(quality.choose(whole(), PHOTO, bytes / 150).lossy, WISH);
  });

  test('text has no quality to give up, and does not take it from a photograph that is small', () => {
    assert.equal(qualityOf(LADDER).choose(whole(), TEXT, SLOW).lossy, WISH);
    const colours = TEXT.slice();
    colours.fill(129, 0, 4);
    assert.equal(qualityOf(LADDER).choose(part(64), colours, SLOW).lossy, WISH);
  });

  test('an update that took more than was thought makes the next ones fit', () => {
    const quality = qualityOf(LADDER);
    // Four times what a photograph takes: noise.
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
  /** Takes pieces till nothing is left. */
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

  test('text that the link does not carry at once goes in pieces of whole rows that together are all of it', () => {
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
      'nothing twice',
    );
  });

  test('what changes all the time keeps nothing from its turn', () => {
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

  test('a viewer without loss gets a photograph tile by tile where not even a row fits', () => {
    const quality = qualityOf([]);
    const { part: piece, lossy } = quality.choose(whole(), PHOTO, SLOW);
    assert.equal(lossy, undefined);
    assert.ok(piece.areaPx >= 64 * 64 && piece.areaPx * 2.3 <= SLOW * 110);
    assert.ok(pieces(quality, part(64), PHOTO, SLOW).length > 1);
  });

  test('one tile goes out however slow the link', () => {
    const { part: piece } = qualityOf([]).choose(whole(), PHOTO, 1);
    assert.equal(piece.areaPx, 64 * 64);
  });
});
