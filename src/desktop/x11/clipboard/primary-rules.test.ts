import assert from 'node:assert/strict';
import { test } from 'node:test';
import { becomesPrimary, type PrimaryFacts, tellsOfClipboard } from './primary-rules.ts';
import type { SelectionAtoms } from './selection-atoms.ts';

const ATOMS = {
  targets: 1,
  utf8: 2,
  text: 3,
  string: 4,
  plain: 5,
  plainUtf8: 6,
  plainUtf8Upper: 7,
  saveTargets: 8,
  tkWindow: 9,
  vimText: 10,
} as unknown as SelectionAtoms;

test('targets tell which programs have a CLIPBOARD beside PRIMARY', () => {
  const programs: Record<string, readonly [targets: readonly number[], hasClipboard: boolean]> = {
    xterm: [[1, 99, 3, 4, 2], false],
    'xclip, which answers every request with text': [[], false],
    'a GTK program': [[1, 99, 8, 2, 3, 4, 6, 5], true],
    Chromium: [[1, 99, 2, 3, 4, 5], true],
    'a Tk program': [[99, 1, 9, 4, 2], true],
    Vim: [[10, 2, 3, 4], true],
  };
  for (const [name, [targets, hasClipboard]] of Object.entries(programs))
    assert.equal(tellsOfClipboard(targets, ATOMS), hasClipboard, name);
});

test('a viewer’s text becomes PRIMARY unless the user has marked text in the program that they type into', () => {
  const facts: PrimaryFacts = {
    owner: 0x0060_0007,
    focus: 0x0060_0001,
    isOwnerOurs: false,
    hasOwnerClipboard: true,
    idMask: 0x001f_ffff,
  };
  assert.equal(becomesPrimary(facts), false);
  assert.equal(becomesPrimary({ ...facts, focus: 0x0080_0001 }), true, 'another program has the keyboard');
  assert.equal(becomesPrimary({ ...facts, focus: 1 }), true, 'the pointer’s root has the keyboard');
  assert.equal(becomesPrimary({ ...facts, hasOwnerClipboard: false }), true, 'such as xterm');
  assert.equal(becomesPrimary({ ...facts, owner: 0 }), true);
  assert.equal(becomesPrimary({ ...facts, isOwnerOurs: true }), true);
});
