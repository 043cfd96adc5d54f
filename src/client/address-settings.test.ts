import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAddress } from './address-settings.ts';
import { PRESETS } from './picture-settings.ts';

test('an address without settings leaves everything to the user', () => {
  assert.deepEqual(readAddress(''), { viewOnly: false });
  assert.deepEqual(readAddress('?path=websockify&scale=sideways&quality=11'), { viewOnly: false });
});

test('the quality is a level or a preset', () => {
  assert.deepEqual(readAddress('?quality=3').picture, { ...PRESETS.balanced, quality: 3, movingQuality: 3 });
  assert.equal(readAddress('?quality=lossless').picture, PRESETS.lossless);
});

for (const [query, scaleMode, matchWindow] of [
  ['scale=fit', 'fit', false],
  ['scale=actual', 'actual', false],
  ['scale=remote', 'fit', true],
  ['resize=scale', 'fit', false],
  ['resize=remote', 'fit', true],
  ['resize=off', 'actual', false],
] as const) {
  test(`${query} sizes as it does in noVNC and KasmVNC`, () => {
    const settings = readAddress(`?${query}`);
    assert.deepEqual([settings.scaleMode, settings.matchWindow], [scaleMode, matchWindow]);
  });
}

for (const [query, viewOnly] of [
  ['view_only', true],
  ['view_only=true&autoconnect=1', true],
  ['viewOnly=1', true],
  ['view_only=false', false],
  ['autoconnect=0&view_only=0', false],
] as const) {
  test(`${query} is ${viewOnly ? 'view only' : 'with input'}`, () => {
    assert.equal(readAddress(`?${query}`).viewOnly, viewOnly);
  });
}
