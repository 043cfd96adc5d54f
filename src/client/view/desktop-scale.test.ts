import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DESKTOP_SCALES, scalePercentOf } from './desktop-scale.ts';

test('a desktop that is to look like the screen takes its density and the browser’s zoom', () => {
  assert.deepEqual(
    [1, 1.25, 2, 2.75, 0.3, 8, Number.NaN].map((ratio) => scalePercentOf('auto', ratio)),
    [100, 125, 200, 275, 50, 400, 100],
  );
});

test('a chosen scale holds on every screen', () => {
  for (const scale of DESKTOP_SCALES.filter((one) => one !== 'auto'))
    assert.deepEqual(
      [1, 3].map((ratio) => scalePercentOf(scale, ratio)),
      [scale, scale],
    );
});
