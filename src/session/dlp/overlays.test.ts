import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WatermarkSettings } from '../../config/dlp/dlp-settings.ts';
import { NO_DLP } from '../../config/dlp/read-dlp.ts';
import { Overlays } from './overlays.ts';

const watermark: WatermarkSettings = {
  content: { kind: 'text', template: '<${USER}>', sizePx: 20, angle: 0, timeZone: 'UTC' },
  location: undefined,
  spacingPx: 0,
  tint: { red: 0, green: 0, blue: 0, alpha: 255 },
};

test('users whose names differ have watermarks that differ', () => {
  const overlays = new Overlays({ forAll: { ...NO_DLP.forAll, watermark }, byUser: new Map() });
  const names = ['jos\u00e9', 'jos<E9>', 'jos<3C>E9>', 'jose\u0301', 'jose'];
  const marks = names.map((user) =>
    JSON.stringify(overlays.of({ user, address: '::1' }, new Date(0))?.mark?.stamp),
  );
  assert.equal(new Set(marks).size, names.length);
});
