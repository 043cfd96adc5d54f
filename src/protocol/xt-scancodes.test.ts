import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evdevFromXt } from './xt-scancodes.ts';

test('XT scancodes map to evdev codes', () => {
  const KEYS: readonly (readonly [name: string, xt: number, evdev: number])[] = [
    ['Escape', 0x01, 1],
    ['A', 0x1e, 30],
    ['F10', 0x44, 68],
    ['keypad .', 0x53, 83],
    ['F12', 0x58, 88],
    ['the key beside left shift', 0x56, 86],
    ['yen', 0x7d, 124],
    ['keypad enter', 0x80 | 0x1c, 96],
    ['right control', 0x80 | 0x1d, 97],
    ['AltGr', 0x80 | 0x38, 100],
    ['left', 0x80 | 0x4b, 105],
    ['delete', 0x80 | 0x53, 111],
    ['left meta', 0x80 | 0x5b, 125],
    ['right control, its 0xe0 kept', 0xe01d, 97],
  ];
  for (const [name, xt, evdev] of KEYS) assert.equal(evdevFromXt(xt), evdev, name);
});

test('an unknown XT scancode maps to 0', () => {
  for (const xt of [0, -1, 0x7f, 0x80, 0xff, 0x100, 0xe11d, 0xffffffff]) assert.equal(evdevFromXt(xt), 0);
});
