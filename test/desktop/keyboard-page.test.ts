// What a page in Chromium gets of the viewer's keys.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { busyCore } from '../support/busy-core.ts';
import { chinese, inDesktop, type TypingDesktop, tapAll, typingDesktop } from '../support/typing-desktop.ts';
import { chromiumField, type PageKeyEvent } from '../support/typing-fields.ts';
import { until } from './support.ts';

const CONTROL_L = 0xffe3;
const KP_0 = 0xffb0;
const LETTER_X = 0x78;

let room: TypingDesktop & { readonly field: { readonly events: PageKeyEvent[] } };

before(async () => {
  room = await typingDesktop(chromiumField);
  // The last letter that looked for the focus may still be on its way.
  const isEnd = ({ type, key }: PageKeyEvent): boolean => type === 'keyup' && key === 'z';
  await eventsOf(() => tapAll(room.input, 'z'), isEnd);
  await room.arrives('z');
});
after(() => room[Symbol.asyncDispose]());

/** The events that `act` causes, until `isLast`. */
async function eventsOf(act: () => void, isLast: (event: PageKeyEvent) => boolean): Promise<string[]> {
  const { events } = room.field;
  const from = events.length;
  await act();
  await until(() => events.slice(from).some(isLast), 'the last event');
  return events
    .slice(from)
    .map(({ type, key, code, repeat }) => `${type} ${key} ${code}${repeat ? ' repeat' : ''}`);
}

test('a held key is one press, repeats as the viewer repeats it, and one release', async () => {
  const told = await eventsOf(
    async () => {
      for (let i = 0; i < 6; i++) {
        room.input.key(LETTER_X, true, 45);
        // The pace of a keyboard. The X server merges repeats that it gets late.
        await new Promise((resolve) => setTimeout(resolve, 40));
      }
      room.input.key(LETTER_X, false, 45);
    },
    ({ type }) => type === 'keyup',
  );
  const repeats = told.slice(1, -1);
  assert.deepEqual([told[0], told.at(-1)], ['keydown x KeyX', 'keyup x KeyX']);
  assert.deepEqual(new Set(repeats), new Set(['keydown x KeyX repeat']));
  assert.ok(repeats.length <= 5, `${repeats.length} repeats`);
  await room.arrives('x'.repeat(1 + repeats.length));
});

test('a key of the keypad keeps its place, also with Ctrl', async () => {
  const told = await eventsOf(
    () => {
      room.input.key(KP_0, true, 82);
      room.input.key(KP_0, false, 82);
      room.input.key(CONTROL_L, true, 29);
      room.input.key(KP_0, true, 82);
      room.input.key(KP_0, false, 82);
      room.input.key(CONTROL_L, false, 29);
    },
    ({ type, key }) => type === 'keyup' && key === 'Control',
  );
  assert.deepEqual(
    told.filter((event) => event.startsWith('keydown')),
    ['keydown 0 Numpad0', 'keydown Control ControlLeft', 'keydown 0 Numpad0'],
  );
  await room.arrives('0');
});

test('text arrives as meant in Chromium whatever the locks and the group are', async () => {
  await inDesktop(room, 'setxkbmap', 'us,ru', '-option', 'grp:caps_toggle');
  await inDesktop(room, 'xdotool', 'key', 'Num_Lock');
  await inDesktop(room, 'xdotool', 'key', 'ISO_Next_Group');
  await room.types('aB1x hello, привет! é漢');
  await inDesktop(room, 'setxkbmap', 'us', '-option', '');
  await inDesktop(room, 'xdotool', 'key', 'Caps_Lock');
  await room.types('aB1x é漢');
  await inDesktop(room, 'xdotool', 'key', 'Caps_Lock');
  await inDesktop(room, 'xdotool', 'key', 'Num_Lock');
});

test('200 new characters in a row arrive in Chromium in order, with a core kept busy', async () => {
  await using _ = await busyCore();
  await room.types(chinese(200));
});
