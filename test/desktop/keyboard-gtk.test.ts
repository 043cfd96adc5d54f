// What a GTK program gets of the viewer's keys.
import { after, before, test } from 'node:test';
import { busyCore } from '../support/busy-core.ts';
import { chinese, inDesktop, type TypingDesktop, typingDesktop } from '../support/typing-desktop.ts';
import { gtkField } from '../support/typing-fields.ts';

let room: TypingDesktop;

before(async () => {
  room = await typingDesktop((folder) => gtkField(folder, '3.0'));
});
after(() => room[Symbol.asyncDispose]());

test('text arrives as meant in a GTK program whatever the locks and the group are', async () => {
  await inDesktop(room, 'setxkbmap', 'us,ru');
  await inDesktop(room, 'xdotool', 'key', 'Caps_Lock');
  await inDesktop(room, 'xdotool', 'key', 'ISO_Next_Group');
  await room.types('aB1x hello, привет! é漢');
  await inDesktop(room, 'setxkbmap', 'us');
  await inDesktop(room, 'xdotool', 'key', 'Caps_Lock');
  await room.types('aB1x é漢');
});

test('300 new characters in a row arrive in a GTK program in order, with a core kept busy', async () => {
  await using _ = await busyCore();
  await room.types(chinese(300));
});
