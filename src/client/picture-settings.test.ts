import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEncodings } from '../protocol/settings-from-encodings.ts';
import {
  formatPicture,
  type PictureSettings,
  PRESET_NAMES,
  PRESETS,
  parsePicture,
  pictureEncodings,
  presetOf,
  videoSizeOf,
} from './picture-settings.ts';

test('settings are read as they were written, and known as their preset', () => {
  for (const name of PRESET_NAMES) {
    assert.deepEqual(parsePicture(formatPicture(PRESETS[name])), PRESETS[name]);
    assert.equal(presetOf(PRESETS[name]), name);
  }
  const own: PictureSettings = {
    ...{ ...PRESETS.low, videoTime: 7, webp: false, losslessStill: true, chroma: '4:2:2', compression: 6 },
    ...{ smallest: true, videoOutTime: 9, videoSize: '1280x720', videoSmooth: false },
  };
  assert.deepEqual(parsePicture(formatPicture(own)), own);
  assert.equal(presetOf(own), undefined);
});

test('what is no settings is the balanced preset', () => {
  for (const text of [
    '',
    'x',
    '[]',
    '{}',
    'null',
    '7',
    '[7,7,7,60,45,5,true]',
    '{"quality":10,"chroma":"4:1:1","compression":0,"webp":1,"videoSize":"1x1","videoOutTime":0}',
  ]) {
    assert.deepEqual(parsePicture(text), PRESETS.balanced, text);
  }
});

test('the server reads the settings as they are meant', () => {
  const low = parseEncodings(pictureEncodings(PRESETS.low));
  assert.deepEqual(
    [
      low.qualityLevel,
      low.dynamicQualityMin,
      low.dynamicQualityMax,
      low.jpegVideoQuality,
      low.webpVideoQuality,
    ],
    [4, 2, 5, 2, 2],
  );
  assert.deepEqual([low.frameRate, low.videoArea, low.videoTime, low.webp], [24, 30, 2, true]);
  const lossless = parseEncodings(pictureEncodings(PRESETS.lossless));
  assert.deepEqual(
    [lossless.qualityLevel, lossless.jpegVideoQuality, lossless.webp],
    [undefined, undefined, false],
  );
});

test('the server reads the fine settings as they are meant', () => {
  const fine = parseEncodings(
    pictureEncodings({
      ...{ ...PRESETS.balanced, losslessStill: true, chroma: '4:4:4', compression: 9, smallest: true },
      ...{ videoOutTime: 10, videoSmooth: false },
    }),
  );
  const { treatLossless, subsampling, compressionLevel, preferBandwidth, videoOutTime, videoScaling } = fine;
  assert.deepEqual(
    [treatLossless, subsampling, compressionLevel, preferBandwidth, videoOutTime, videoScaling],
    [0, '4:4:4', 9, true, 10, 0],
  );
  assert.equal(
    parseEncodings(pictureEncodings({ ...PRESETS.balanced, chroma: '4:2:2' })).subsampling,
    '4:2:2',
  );
  assert.equal(
    parseEncodings(pictureEncodings({ ...PRESETS.balanced, chroma: '4:2:0' })).subsampling,
    '4:2:0',
  );
  const noLoss = parseEncodings(
    pictureEncodings({ ...PRESETS.lossless, losslessStill: true, chroma: '4:2:0' }),
  );
  assert.deepEqual([noLoss.treatLossless, noLoss.subsampling], [undefined, undefined]);
  assert.deepEqual(videoSizeOf({ ...PRESETS.balanced, videoSize: '960x540' }), { width: 960, height: 540 });
  assert.deepEqual(videoSizeOf(PRESETS.balanced), { width: 0, height: 0 });
});

test('the balanced preset leaves video and the frame rate to the server', () => {
  const balanced = parseEncodings(pictureEncodings(PRESETS.balanced));
  assert.deepEqual(
    [balanced.qualityLevel, balanced.dynamicQualityMin, balanced.dynamicQualityMax],
    [7, 7, 8],
  );
  assert.deepEqual(
    [balanced.jpegVideoQuality, balanced.frameRate, balanced.videoArea, balanced.videoTime],
    [undefined, undefined, undefined, undefined],
  );
  const { treatLossless, subsampling, compressionLevel, preferBandwidth, videoOutTime, videoScaling } =
    balanced;
  for (const setting of [treatLossless, subsampling, compressionLevel, videoOutTime, videoScaling])
    assert.equal(setting, undefined);
  assert.equal(preferBandwidth, false);
});
