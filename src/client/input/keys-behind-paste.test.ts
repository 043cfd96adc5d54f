import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ClipboardContent } from '../../protocol/clipboard-content.ts';
import { KeysBehindPaste } from './keys-behind-paste.ts';

const PICTURE: ClipboardContent = new Map([['png', new Uint8Array(4)]]);

function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const sent: string[] = [];
  const keys = new KeysBehindPaste({
    key: (isDown, keysym) => void sent.push(`${isDown ? '+' : '-'}${keysym}`),
    clipboard: () => void sent.push('picture'),
  });
  const reading = Promise.withResolvers<ClipboardContent>();
  keys.key(true, 1, 0);
  keys.clipboardOf(reading.promise);
  keys.key(true, 2, 0);
  keys.key(false, 2, 0);
  assert.deepEqual(sent, ['+1']);
  return { sent, keys, reading };
}

test('keys that are pressed while a pasted picture is read follow the picture', async (t) => {
  const { sent, keys, reading } = setUp(t);
  reading.resolve(PICTURE);
  await reading.promise;
  keys.key(false, 1, 0);
  assert.deepEqual(sent, ['+1', 'picture', '+2', '-2', '-1']);
});

test('keys wait for a picture that is not read for two seconds, and are sent once', async (t) => {
  const { sent, reading } = setUp(t);
  t.mock.timers.tick(1999);
  assert.deepEqual(sent, ['+1']);
  t.mock.timers.tick(1);
  assert.deepEqual(sent, ['+1', '+2', '-2']);
  reading.resolve(PICTURE);
  await reading.promise;
  assert.deepEqual(sent, ['+1', '+2', '-2', 'picture']);
});

test('at most 500 keys wait for a picture', (t) => {
  const { sent, keys } = setUp(t);
  for (let i = 0; i < 497; i++) keys.key(true, 3, 0);
  assert.equal(sent.length, 1);
  keys.key(true, 4, 0);
  assert.equal(sent.length, 501);
  assert.equal(sent.at(-1), '+4');
});
