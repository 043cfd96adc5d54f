import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RGB565 } from '../../../test/support/pixel-formats.ts';
import { SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { jpegQualityOf } from '../../protocol/quality.ts';
import { type EncodeProfile, type LossyQuality, profileKey } from './profile.ts';

const LOSSY: LossyQuality = {
  moving: jpegQualityOf(4),
  changed: jpegQualityOf(5),
  still: jpegQualityOf(9),
};

const PROFILE: EncodeProfile = {
  format: SERVER_PIXEL_FORMAT,
  encoding: 'tight',
  lossy: LOSSY,
  zlibLevel: 1,
};

test('equal profiles have equal keys', () => {
  const copy = {
    ...PROFILE,
    format: { ...SERVER_PIXEL_FORMAT },
    lossy: { ...LOSSY, changed: { ...jpegQualityOf(5) } },
  };
  assert.equal(profileKey(copy), profileKey(PROFILE));
});

test('profiles that differ in anything that changes the bytes have different keys', () => {
  const format = PROFILE.format;
  const different: EncodeProfile[] = [
    PROFILE,
    { ...PROFILE, encoding: 'raw' },
    { ...PROFILE, lossy: undefined },
    { ...PROFILE, lossy: { ...LOSSY, moving: jpegQualityOf(3) } },
    { ...PROFILE, lossy: { ...LOSSY, changed: jpegQualityOf(6) } },
    { ...PROFILE, lossy: { ...LOSSY, changed: { ...jpegQualityOf(5), subsampling: '4:4:4' } } },
    { ...PROFILE, lossy: { ...LOSSY, still: undefined } },
    { ...PROFILE, webp: { changes: false } },
    { ...PROFILE, webp: { changes: true } },
    { ...PROFILE, webp: { changes: true, mostQuality: 42 } },
    { ...PROFILE, zlibLevel: 2 },
    { ...PROFILE, zstd: true },
    { ...PROFILE, video: { maxSize: { width: 960, height: 540 }, filter: 'area' } },
    { ...PROFILE, video: { maxSize: { width: 960, height: 540 }, filter: 'nearest' } },
    { ...PROFILE, video: { maxSize: { width: 961, height: 540 }, filter: 'area' } },
    { ...PROFILE, drawsCursor: true },
    { ...PROFILE, format: RGB565 },
    { ...PROFILE, format: { ...format, bigEndian: true } },
    { ...PROFILE, format: { ...format, depth: 32 } },
    { ...PROFILE, format: { ...format, redMax: 127 } },
    { ...PROFILE, format: { ...format, redShift: 0, blueShift: 16 } },
  ];
  assert.equal(new Set(different.map(profileKey)).size, different.length);
});
