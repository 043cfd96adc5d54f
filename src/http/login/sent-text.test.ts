import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sentText } from './sent-text.ts';

test('a text that a program has sent is read in the encoding that it has', () => {
  for (const [bytes, text] of [
    [Buffer.from('pässwört 🔑'), 'pässwört 🔑'],
    [Buffer.from('päss', 'latin1'), 'päss'],
    [Buffer.of(0x80, 0x35, 0xdf), '€5ß'],
    [Buffer.of(0x8a, 0xe4), 'Šä'],
    [Buffer.from('plain'), 'plain'],
    [Buffer.from([]), ''],
  ] as const)
    assert.equal(sentText(bytes), text);
});
