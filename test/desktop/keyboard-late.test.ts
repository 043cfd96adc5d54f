// What a program gets that reads its keys late.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { chinese, inDesktop, type TypingDesktop, tapAll, typingDesktop } from '../support/typing-desktop.ts';
import { xtermField } from '../support/typing-fields.ts';

/** Longer than keycodes keep their meaning for programs that cannot be asked, and than answers took to come once. */
const STOPPED_MS = 6000;

let room: TypingDesktop;
/** Of the program. */
let pid: number;

before(async () => {
  room = await typingDesktop(xtermField);
  pid = Number(await inDesktop(room, 'xdotool', 'getactivewindow', 'getwindowpid'));
  assert.ok(pid > 0);
});
after(() => room[Symbol.asyncDispose]());

test('a program that stops for seconds amid 300 new characters gets all of them in order', async () => {
  // Tells that it answers.
  await room.types(chinese(100));
  const text = chinese(300, 1000);
  tapAll(room.input, text);
  process.kill(pid, 'SIGSTOP');
  try {
    await delay(STOPPED_MS);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await room.arrives(text);
});
