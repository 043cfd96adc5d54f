import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bothRules, type ClipboardRules, OPEN_CLIPBOARD } from './clipboard-rules.ts';

const STRICT: ClipboardRules = {
  delayMs: 500,
  formats: ['text'],
  toClient: { isEnabled: false, mostBytes: 10 },
  primary: 'never',
  toServer: { isEnabled: true, mostBytes: 20 },
};

test('of two rules for the clipboard, the stricter one holds in each respect', () => {
  assert.deepEqual(bothRules(OPEN_CLIPBOARD, STRICT), STRICT);
  assert.deepEqual(bothRules(STRICT, OPEN_CLIPBOARD), STRICT);
  const closed: ClipboardRules = { ...STRICT, delayMs: 0, toServer: { isEnabled: false, mostBytes: 5 } };
  assert.deepEqual(bothRules(STRICT, closed), { ...closed, delayMs: 500 });
});

test('marked text passes as one rule says if the other leaves it open', () => {
  const of = (one: ClipboardRules['primary'], other: ClipboardRules['primary']) =>
    bothRules({ ...OPEN_CLIPBOARD, primary: one }, { ...OPEN_CLIPBOARD, primary: other }).primary;
  assert.deepEqual(
    [of('auto', 'auto'), of('auto', 'always'), of('never', 'always'), of('never', 'auto')],
    ['auto', 'always', 'never', 'never'],
  );
});
