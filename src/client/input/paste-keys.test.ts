import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPasteKey } from './paste-keys.ts';

const NO_MODIFIER = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
const CTRL = { ...NO_MODIFIER, ctrlKey: true };

for (const [what, isPaste, event] of [
  ['V of a QWERTY keyboard', true, { ...CTRL, key: 'v', code: 'KeyV' }],
  ['V of Dvorak, where QWERTY has the full stop', true, { ...CTRL, key: 'v', code: 'Period' }],
  ['K of Dvorak, where QWERTY has V', false, { ...CTRL, key: 'k', code: 'KeyV' }],
  ['the full stop of Bépo, where QWERTY has V', false, { ...CTRL, key: '.', code: 'KeyV' }],
  ['omega of a Greek keyboard, where V is', true, { ...CTRL, key: 'ω', code: 'KeyV' }],
  ['V with Command', true, { ...NO_MODIFIER, metaKey: true, key: 'v', code: 'KeyV' }],
  ['V with Shift and Caps Lock', true, { ...CTRL, shiftKey: true, key: 'V', code: 'KeyV' }],
  ['V with AltGr', false, { ...CTRL, altKey: true, key: 'v', code: 'KeyV' }],
  ['V alone', false, { ...NO_MODIFIER, key: 'v', code: 'KeyV' }],
  ['Shift and Insert', true, { ...NO_MODIFIER, shiftKey: true, key: 'Insert', code: 'Insert' }],
  [
    'Shift and Insert of the keypad',
    true,
    { ...NO_MODIFIER, shiftKey: true, key: 'Insert', code: 'Numpad0' },
  ],
  ['Insert alone', false, { ...NO_MODIFIER, key: 'Insert', code: 'Insert' }],
] as const) {
  test(`${what} ${isPaste ? 'pastes' : 'does not paste'}`, () => assert.equal(isPasteKey(event), isPaste));
}
