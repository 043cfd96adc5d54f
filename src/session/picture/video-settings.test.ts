import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as wire from '../../protocol/constants.ts';
import { SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import type { JpegQuality } from '../../protocol/quality.ts';
import { NO_SETTINGS, parseEncodings } from '../../protocol/settings-from-encodings.ts';
import { profileOf } from './profile-from-settings.ts';
import { type VideoSettings, videoProfile, videoSettingsOf } from './video-settings.ts';

const SERVER: VideoSettings = {
  areaPercent: 45,
  timeMs: 5000,
  outTimeMs: 3000,
  qualityLevel: 5,
  maxSize: { width: 1920, height: 1080 },
  filter: 'area',
};

const TIGHT_8 = [wire.ENCODING_TIGHT, wire.PSEUDO_QUALITY_FIRST + 8];

const inVideo = (...encodings: number[]) => {
  const settings = parseEncodings(encodings);
  const usual = profileOf(settings, SERVER_PIXEL_FORMAT, false);
  return { usual, video: videoProfile(usual, settings, videoSettingsOf(SERVER, settings, undefined)) };
};

/** The two qualities that video mode replaces. */
const both = (quality: number) => {
  const jpeg: JpegQuality = { quality, subsampling: '4:2:0' };
  return { moving: jpeg, changed: jpeg };
};

test('a viewer that sets nothing about video gets the settings of the server', () => {
  assert.deepEqual(videoSettingsOf(SERVER, NO_SETTINGS, undefined), SERVER);
});

test("each of KasmVNC's settings overrides one of the server's", () => {
  const said = (encoding: number): VideoSettings =>
    videoSettingsOf(SERVER, parseEncodings([encoding]), undefined);
  assert.deepEqual(said(wire.PSEUDO_VIDEO_AREA_FIRST + 64), { ...SERVER, areaPercent: 65 });
  assert.deepEqual(said(wire.PSEUDO_VIDEO_TIME_FIRST), { ...SERVER, timeMs: 0 });
  assert.deepEqual(said(wire.PSEUDO_VIDEO_TIME_LAST), { ...SERVER, timeMs: 100_000 });
  assert.deepEqual(said(wire.PSEUDO_VIDEO_OUT_TIME_FIRST), { ...SERVER, outTimeMs: 1000 });
  assert.deepEqual(said(wire.PSEUDO_JPEG_VIDEO_QUALITY_FIRST + 2), { ...SERVER, qualityLevel: 2 });
  assert.deepEqual(said(wire.PSEUDO_VIDEO_SCALING_FIRST), { ...SERVER, filter: 'nearest' });
  assert.deepEqual(said(wire.PSEUDO_VIDEO_SCALING_FIRST + 2), SERVER);
  const maxSize = { width: 960, height: 540 };
  assert.deepEqual(videoSettingsOf(SERVER, NO_SETTINGS, maxSize), { ...SERVER, maxSize });
});

test("video is scaled down for our page and KasmVNC's, and has full size for others, at the same quality", () => {
  const { maxSize, filter } = SERVER;
  for (const own of [wire.PSEUDO_DESKWIRE, wire.PSEUDO_VIDEO_AREA_FIRST + 44]) {
    const { usual, video } = inVideo(...TIGHT_8, own);
    const lossy = { ...usual.lossy, ...both(77) };
    assert.deepEqual(video, { ...usual, lossy, video: { maxSize, filter } });
  }
  const { usual, video } = inVideo(...TIGHT_8);
  assert.deepEqual(video, { ...usual, lossy: { ...usual.lossy, ...both(77) }, video: undefined });
});

test('a viewer that accepts no loss has no video mode', () => {
  for (const encodings of [[wire.ENCODING_TIGHT, wire.PSEUDO_DESKWIRE], [wire.PSEUDO_QUALITY_FIRST + 5]]) {
    const { usual, video } = inVideo(...encodings);
    assert.equal(video, usual);
  }
});

test('a viewer keeps a quality lower than that of video, unless it set a quality for video', () => {
  const level2 = [wire.ENCODING_TIGHT, wire.PSEUDO_QUALITY_FIRST + 2];
  const lossy = (...encodings: number[]) => inVideo(...encodings).video.lossy!;
  assert.deepEqual(lossy(...level2).changed, both(41).changed);
  const apart = wire.PSEUDO_JPEG_VIDEO_QUALITY_FIRST + 6;
  assert.deepEqual(lossy(...level2, apart).moving, both(79).moving);
  assert.deepEqual(lossy(...TIGHT_8, wire.PSEUDO_CHROMA_444).moving, { quality: 77, subsampling: '4:4:4' });
});

test('the WebP quality of video is used in video mode only, for viewers that support WebP', () => {
  const webpLevel3 = wire.PSEUDO_WEBP_VIDEO_QUALITY_FIRST + 3;
  const { usual, video } = inVideo(...TIGHT_8, wire.PSEUDO_WEBP, webpLevel3);
  assert.equal(usual.webp?.mostQuality, undefined);
  assert.equal(video.webp?.mostQuality, 42);
  assert.deepEqual(inVideo(...TIGHT_8, wire.PSEUDO_WEBP).video.webp, usual.webp);
  assert.equal(inVideo(...TIGHT_8, webpLevel3).video.webp, undefined);
});
