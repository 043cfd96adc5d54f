import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { RGB565 } from '../../../test/support/pixel-formats.ts';
import type { LossyQuality } from '../../encode/plan/profile.ts';
import * as wire from '../../protocol/constants.ts';
import { SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { jpegQualityOf } from '../../protocol/quality.ts';
import { parseEncodings } from '../../protocol/settings-from-encodings.ts';
import { isFastLink, isSlowLink, profileOf, webpUseOf } from './profile-from-settings.ts';
import { qualityLadder } from './quality-ladder.ts';

const LEVEL = (level: number): number => wire.PSEUDO_QUALITY_FIRST + level;
const FINE = (quality: number): number => wire.PSEUDO_FINE_QUALITY_FIRST + quality;
const LEAST = (level: number): number => wire.PSEUDO_DYNAMIC_QUALITY_MIN_FIRST + level;
const MOST = (level: number): number => wire.PSEUDO_DYNAMIC_QUALITY_MAX_FIRST + level;
const TREAT_LOSSLESS = (level: number): number => wire.PSEUDO_TREAT_LOSSLESS_FIRST + level;

const lossy = (encodings: readonly number[], fastLink = false): LossyQuality | undefined =>
  profileOf(parseEncodings(encodings), SERVER_PIXEL_FORMAT, fastLink).lossy;

const short = (quality: LossyQuality | undefined): string =>
  quality
    ? [quality.moving, quality.changed, quality.still]
        .map((jpeg) => (jpeg ? `${jpeg.quality} ${jpeg.subsampling}` : 'lossless'))
        .join(', ')
    : 'lossless';

suite('the qualities a viewer gets', () => {
  const table: readonly (readonly [name: string, encodings: readonly number[], wanted: string])[] = [
    ['no quality level', [], 'lossless'],
    ['a chroma only', [wire.PSEUDO_CHROMA_444], 'lossless'],
    ['a level only', [LEVEL(5)], '77 4:2:0, 77 4:2:2, 100 4:4:4'],
    ['the best level', [LEVEL(9)], '100 4:2:0, 100 4:4:4, 100 4:4:4'],
    ['a level and its chroma', [LEVEL(5), wire.PSEUDO_CHROMA_444], '77 4:4:4, 77 4:4:4, 100 4:4:4'],
    ['a fine quality in place of the level', [LEVEL(5), FINE(75)], '75 4:2:0, 75 4:2:2, 100 4:4:4'],
    ['a fine quality alone', [FINE(75)], '75 4:2:0, 75 4:2:2, 100 4:4:4'],
    ['a fine quality of 100', [FINE(100)], '100 4:2:0, 100 4:2:2, lossless'],
    ['a range of levels', [LEVEL(5), LEAST(3), MOST(8)], '42 4:2:0, 92 4:4:4, 100 4:4:4'],
    ['a least level above the level', [LEVEL(5), LEAST(7)], '86 4:2:0, 86 4:4:4, 100 4:4:4'],
    ['a least level above the highest', [LEVEL(5), LEAST(9), MOST(2)], '41 4:2:0, 41 4:2:0, 100 4:4:4'],
    [
      'a range as KasmVNC’s page does, whose picture is exact in the end',
      [LEVEL(6), LEAST(4), MOST(6), TREAT_LOSSLESS(9), wire.PSEUDO_MAX_VIDEO_RESOLUTION],
      '62 4:2:0, 79 4:4:4, lossless',
    ],
    [
      'levels and QOI, by which KasmVNC’s page asks for no loss',
      [LEVEL(6), MOST(9), wire.PSEUDO_QOI],
      'lossless',
    ],
    [
      'no loss from its highest level on',
      [LEVEL(5), MOST(8), TREAT_LOSSLESS(8)],
      '77 4:2:0, 92 4:4:4, lossless',
    ],
    [
      'no loss from a level above its highest',
      [LEVEL(5), MOST(8), TREAT_LOSSLESS(9)],
      '77 4:2:0, 92 4:4:4, 100 4:4:4',
    ],
  ];
  for (const [name, encodings, wanted] of table) {
    test(`the qualities are right for a viewer that sets ${name}`, () =>
      assert.equal(short(lossy(encodings)), wanted));
  }

  test('a still picture is sent to our page without loss over a fast link', () => {
    const ours = [LEVEL(7), wire.PSEUDO_DESKWIRE];
    assert.equal(lossy(ours, true)!.still, undefined);
    assert.equal(lossy(ours, false)!.still!.quality, 100);
    assert.equal(lossy([LEVEL(7)], true)!.still!.quality, 100);
    assert.deepEqual([undefined, 625, 6_250, 6_251].map(isFastLink), [false, false, false, true]);
  });

  test('a viewer with fewer than 32 bits per pixel gets no loss', () => {
    assert.equal(profileOf(parseEncodings([LEVEL(5)]), RGB565, false).lossy, undefined);
  });
});

suite('who gets WebP', () => {
  const WEBP = wire.PSEUDO_WEBP;
  const use = (encodings: readonly number[], format = SERVER_PIXEL_FORMAT) =>
    profileOf(parseEncodings(encodings), format, false).webp;

  test('a viewer that supports WebP and accepts loss gets WebP', () => {
    assert.deepEqual(use([LEVEL(5), WEBP]), { changes: false });
    const page = [LEVEL(5), WEBP, wire.PSEUDO_MAX_VIDEO_RESOLUTION];
    assert.deepEqual(use(page), { changes: false, onlyChanges: true }, 'KasmVNC’s page');
    assert.equal(use([LEVEL(5)]), undefined);
    assert.equal(use([WEBP]), undefined, 'no quality level');
    assert.equal(use([LEVEL(5), WEBP], RGB565), undefined, 'fewer than 32 bits a pixel');
  });

  test('changes are WebP on a slow link or if bandwidth is preferred, unless a finer chroma is set', () => {
    const changes = (encodings: readonly number[], slow: boolean) =>
      webpUseOf(parseEncodings(encodings), slow)?.changes;
    assert.equal(changes([WEBP], false), false);
    assert.equal(changes([WEBP], true), true);
    assert.equal(changes([WEBP, wire.PSEUDO_PREFER_BANDWIDTH], false), true);
    assert.equal(changes([WEBP, wire.PSEUDO_CHROMA_444], true), false);
    assert.equal(changes([WEBP, wire.PSEUDO_CHROMA_422], true), false);
    assert.equal(changes([WEBP, wire.PSEUDO_CHROMA_420], true), true);
    assert.equal(changes([wire.PSEUDO_PREFER_BANDWIDTH], true), undefined);
    assert.deepEqual([undefined, 625, 2_499, 2_500, 12_500].map(isSlowLink), [
      false,
      true,
      true,
      false,
      false,
    ]);
  });
});

suite('what a viewer can be sent while its link is slow', () => {
  const ladderOf = (...encodings: readonly number[]): LossyQuality[] =>
    qualityLadder(parseEncodings(encodings), lossy(encodings)!);

  test('the quality ladder rises from below level 0 to the set quality, each step better than the one before', () => {
    const ladder = ladderOf(LEVEL(5));
    assert.deepEqual(
      ladder.slice(1).map(({ changed }) => changed),
      [0, 1, 2, 3, 4, 5].map(jpegQualityOf),
    );
    assert.ok(ladder[0]!.changed.quality < ladder[1]!.changed.quality);
    assert.deepEqual(ladder.at(-1), lossy([LEVEL(5)]));
    assert.ok(ladder.every(({ moving }) => moving.subsampling === '4:2:0'));
    assert.ok(
      ladder.every(({ still }) => still?.quality === 100),
      'the quality of still content is the same at each step',
    );
  });

  test('the quality ladder begins at the viewer’s least level, and moving content never exceeds the set quality', () => {
    const ladder = ladderOf(LEVEL(5), LEAST(3), MOST(5));
    assert.deepEqual(
      ladder.map(({ changed }) => changed),
      [3, 4, 5].map(jpegQualityOf),
    );
    assert.ok(ladder.every(({ moving }) => moving.quality === jpegQualityOf(3).quality));
  });

  test('a fine quality is the top of the quality ladder, and a set chroma holds for all of it', () => {
    const ladder = ladderOf(LEVEL(5), FINE(50), wire.PSEUDO_CHROMA_444);
    assert.equal(ladder.at(-1)!.changed.quality, 50);
    assert.ok(ladder.every(({ moving, changed }) => moving.subsampling === changed.subsampling));
    assert.ok(ladder.every(({ changed }) => changed.subsampling === '4:4:4') && ladder.length > 3);
  });
});
