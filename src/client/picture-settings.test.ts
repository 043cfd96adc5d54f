import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEncodings } from '../protocol/settings-from-encodings.ts';
import {
  formatPicture,
  PRESET_NAMES,
  PRESETS,
  parsePicture,
  pictureEncodings,
  presetOf,
} from './picture-settings.ts';

test('settings are read as they were written, and known as their preset', () => {
  for (const name of PRESET_NAMES) {
    assert.deepEqual(parsePicture(formatPicture(PRESETS[name])), PRESETS[name]);
    assert.equal(presetOf(PRESETS[name]), name);
  }
  const own = { ...PRESETS.low, videoTime: 7, webp: false };
  assert.deepEqual(parsePicture(formatPicture(own)), own);
  assert.equal(presetOf(own), undefined);
});

test('what is no settings is the balanced preset', () => {
  for (const text of [
    '',
    'x',
    '[]',
    '{}',
    '[10,1,1,30,45,5,true]',
    '[1,null,1,30,45,5,true]',
    '[1,1,1,5,45,5,true]',
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
});
