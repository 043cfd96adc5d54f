import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SurrogateKeys } from './surrogate-keys.ts';

const UNICODE = 0x0100_0000;

/** Keysyms of a text's presses and releases, key by key, one for each unit of UTF-16, as noVNC's page sends them. */
function typed(keys: SurrogateKeys, text: string): string[] {
  return [...Array(text.length).keys()].flatMap((i) => {
    const unit = text.charCodeAt(i);
    const keysym = unit < 0x100 ? unit : UNICODE + unit;
    return [true, false].flatMap((down) => {
      const key = keys.join({ type: 'key', keysym, down, keycode: 0 });
      return key ? [`${down ? 'down' : 'up'} ${key.keysym.toString(16)}`] : [];
    });
  });
}

test('the two halves of an emoji become its key', () => {
  assert.deepEqual(typed(new SurrogateKeys(), 'a😀é'), [
    ...['down 61', 'up 61'],
    ...['down 101f600', 'up 101f600'],
    ...['down e9', 'up e9'],
  ]);
});

test('the first and the last character beyond U+FFFF are joined', () => {
  const [first, last] = [0x1_0000, 0x10_ffff].map((code) => String.fromCodePoint(code)) as [string, string];
  assert.deepEqual(typed(new SurrogateKeys(), first + last), [
    ...['down 1010000', 'up 1010000'],
    ...['down 110ffff', 'up 110ffff'],
  ]);
});

test('a half alone is no key, and joins nothing across another key', () => {
  const keys = new SurrogateKeys();
  assert.deepEqual(typed(keys, '\ud83d'), []);
  assert.deepEqual(typed(keys, 'a'), ['down 61', 'up 61']);
  assert.deepEqual(typed(keys, '\ude00'), []);
});

test('keys that are no characters pass as they are', () => {
  const keys = new SurrogateKeys();
  for (const keysym of [0, 0xff0d, 0xd83d, UNICODE + 0xd7ff, UNICODE + 0xe000, 0xffff_ffff]) {
    const message = { type: 'key', keysym, down: true, keycode: 28 } as const;
    assert.equal(keys.join(message), message);
  }
});
