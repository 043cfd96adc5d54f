import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keysymOfKey, keysymsOfText } from './keysyms.ts';

test('printable keys map to their Latin-1 or Unicode keysym', () => {
  assert.equal(keysymOfKey({ key: 'a', location: 0 }), 0x61);
  assert.equal(keysymOfKey({ key: 'A', location: 0 }), 0x41);
  assert.equal(keysymOfKey({ key: 'ß', location: 0 }), 0xdf);
  assert.equal(keysymOfKey({ key: '€', location: 0 }), 0x010020ac);
  assert.equal(keysymOfKey({ key: 'Ж', location: 0 }), 0x01000416);
  assert.equal(keysymOfKey({ key: '😀', location: 0 }), 0x0101f600);
});

test('named keys map to different keysyms on the left, on the right and on the keypad', () => {
  assert.equal(keysymOfKey({ key: 'Shift', location: 1 }), 0xffe1);
  assert.equal(keysymOfKey({ key: 'Shift', location: 2 }), 0xffe2);
  assert.equal(keysymOfKey({ key: 'AltGraph', location: 2 }), 0xfe03);
  assert.equal(keysymOfKey({ key: 'Enter', location: 0 }), 0xff0d);
  assert.equal(keysymOfKey({ key: 'Enter', location: 3 }), 0xff8d);
  assert.equal(keysymOfKey({ key: '7', location: 0 }), 0x37);
  assert.equal(keysymOfKey({ key: '7', location: 3 }), 0xffb7);
  assert.equal(keysymOfKey({ key: 'Home', location: 3 }), 0xff95);
  assert.equal(keysymOfKey({ key: 'F1', location: 0 }), 0xffbe);
  assert.equal(keysymOfKey({ key: 'F24', location: 0 }), 0xffd5);
});

test('keys without a name and unknown names have no keysym', () => {
  for (const key of ['Unidentified', 'Dead', 'Process', '', 'constructor', 'F36', 'F0']) {
    assert.equal(keysymOfKey({ key, location: 0 }), undefined, key);
  }
});

test('text maps to one keysym per character, and a line break to one Return', () => {
  assert.deepEqual(keysymsOfText('é😀\r\n\n'), [0xe9, 0x0101f600, 0xff0d, 0xff0d]);
});
