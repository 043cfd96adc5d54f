// What programs get while the keyboard of the desktop has a state of its own.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FIRST_KEYCODE, readXkbMap, WANTED_PARTS } from '../../src/desktop/x11/input/xkb-map.ts';
import type { XConnection } from '../../src/desktop/x11/wire/connection.ts';
import { Xkb } from '../../src/desktop/x11/wire/xkb.ts';
import { busyCore } from '../support/busy-core.ts';
import { chinese, inDesktop, type TypingDesktop, tapAll, typingDesktop } from '../support/typing-desktop.ts';
import { xtermField } from '../support/typing-fields.ts';
import { connectTo, until } from './support.ts';

const CAPS_LOCK = 0xffe5;
const ALT_R = 0xffea;
const KP_HOME = 0xff95;
const KP_7 = 0xffb7;
const EURO = 0x20ac;
/** Milliseconds between two looks at the keymap. */
const LOOK_MS = 50;
/** Keycodes of the keys for sound, playing and brightness. */
const MEDIA_KEYCODES = [121, 122, 123, 171, 172, 173, 174, 232, 233];

let room: TypingDesktop;
let watcher: XConnection;
let xkb: Xkb;

before(async () => {
  room = await typingDesktop(xtermField);
  watcher = await connectTo(room.env);
  xkb = await Xkb.open(watcher);
});
after(async () => {
  await watcher.close();
  await room[Symbol.asyncDispose]();
});

const x = (command: string, ...args: string[]): Promise<string> => inDesktop(room, command, ...args);

function tap(keysym: number, evdev = 0): void {
  room.input.key(keysym, true, evdev);
  room.input.key(keysym, false, evdev);
}

/** What the desktop's user has locked, as the X server says it. */
const locks = async (): Promise<string> => {
  const { lockedMods, group } = await xkb.state();
  return `${lockedMods}/${group}`;
};

for (const [lock, mods] of [
  ['Caps_Lock', 2],
  ['Num_Lock', 16],
] as const) {
  test(`text arrives as meant while ${lock} is on in the desktop, which is on afterwards`, async () => {
    await x('xdotool', 'key', lock);
    await until(async () => (await locks()) === `${mods}/0`, 'the lock');
    await room.types('aB1x é漢 Щ /?');
    await until(async () => (await locks()) === `${mods}/0`, 'the lock to be on again');
    await x('xdotool', 'key', lock);
    await until(async () => (await locks()) === '0/0', 'the lock to be off');
  });
}

test('Home of the keypad is Home while Num Lock is on, and 7 of the keypad is 7 while it is off', async () => {
  tap(KP_7, 71);
  await room.arrives('7');
  await x('xdotool', 'key', 'Num_Lock');
  tap(KP_HOME, 71);
  tap(KP_7, 71);
  await room.arrives('\u001b[H7');
  await x('xdotool', 'key', 'Num_Lock');
});

test('text arrives in the letters that are meant whichever group is active, and the group is active afterwards', async () => {
  await x('setxkbmap', 'us,ru');
  for (const group of [1, 0]) {
    xkb.lock(0, group);
    await until(async () => (await locks()) === `0/${group}`, 'the group');
    await room.types('hello, привет! [ъ] ё` é漢');
    await until(async () => (await locks()) === `0/${group}`, 'the group to be active again');
  }
  await x('setxkbmap', 'us');
  await room.types('hello, привет!');
});

test('letters arrive as meant while a program changes the group between them, and its last choice is active afterwards', async () => {
  await x('setxkbmap', 'us,ru');
  await room.types('a');
  const text = Array.from({ length: 200 }, (_, i) => 'hпeр漢'[i % 5]).join('');
  for (const [i, letter] of [...text].entries()) {
    xkb.lock(0, i % 2);
    if (i % 7 === 0) await nextTurn();
    tapAll(room.input, letter);
  }
  await room.arrives(text);
  await until(async () => (await locks()) === '0/1', 'the last group to be active');
  await x('setxkbmap', 'us');
});

test('letters arrive as meant while a program switches Caps Lock and Num Lock between them, and its last choice is locked', async () => {
  await room.types('a');
  const text = Array.from({ length: 200 }, (_, i) => 'hPeр漢'[i % 5]).join('');
  for (const [i, letter] of [...text].entries()) {
    xkb.lock([0, 2, 18, 16][i % 4]!, 0);
    if (i % 7 === 0) await nextTurn();
    tapAll(room.input, letter);
  }
  await room.arrives(text);
  await until(async () => (await locks()) === '16/0', 'the last locks');
  xkb.lock(0, 0);
});

for (const [modifier, keycode] of [
  ['shift', 50],
  ['ctrl', 37],
  ['alt', 64],
] as const) {
  test(`text arrives as meant while a program holds ${modifier} down, which is down until the program releases it`, async () => {
    await x('setxkbmap', 'us');
    await x('xdotool', 'keydown', modifier);
    await room.types('aB1x é漢 Щ /?');
    assert.ok((await xkb.fakeKeysDown()).includes(keycode));
    await x('xdotool', 'keyup', modifier);
    await room.types('aB1x');
    assert.deepEqual(await xkb.fakeKeysDown(), []);
  });
}

for (const options of [
  'caps:escape',
  'ctrl:nocaps',
  'compose:ralt',
  'grp:alt_shift_toggle,lv3:ralt_switch',
]) {
  test(`text arrives as meant with the option ${options}`, async () => {
    await x('setxkbmap', 'de', '-option', options);
    await room.types('aB1x yz @€ß {[]} é漢');
    await x('setxkbmap', 'us', '-option', '');
    await room.types('aB1x yz @€ß {[]} é漢');
  });
}

test("the viewer's Caps Lock and right Alt are the keys that the desktop's options put in their place", async () => {
  await x('setxkbmap', 'us', '-option', 'caps:escape,compose:ralt');
  await room.types('a');
  tap(CAPS_LOCK, 58);
  await room.arrives('\u001b');
  tap(ALT_R, 100);
  tapAll(room.input, `'e`);
  await room.arrives('é');
  await x('setxkbmap', 'us', '-option', '');
  await room.types('a');
  tap(CAPS_LOCK, 58);
  await room.types('b');
});

test('each letter is of the layout that a program has set before it, without a wait', async () => {
  for (const layout of ['de', 'fr', 'ru', 'us', 'gr', 'us']) {
    await x('setxkbmap', layout);
    await room.types('zyß@€ああ/1! ш');
  }
});

test('60 new characters in a row leave keycodes for xdotool and for media keys, and are given back soon', async () => {
  // Takes back what was lent before.
  await x('setxkbmap', 'us');
  const before = await keymap();
  const media = await mediaKeys();
  assert.ok(media.every((keysyms) => keysyms.length > 0));
  await room.types(chinese(60, 500));
  assert.notEqual(await keymap(), before);
  assert.deepEqual(await mediaKeys(), media);
  // On a busy machine xdotool takes its keycode back before the program has read the keymap: then it types again.
  await until(async () => {
    await x('xdotool', 'type', '--delay', '100', 'é漢字|');
    await until(() => room.rest().endsWith('|'), "xdotool's text");
    const typed = room.rest();
    room.skip();
    return typed === 'é漢字|';
  }, 'what xdotool types');
  await until(async () => (await keymap()) === before, 'the keycodes to be given back');
});

test('a free keycode to which a program has given a meaning keeps it while 200 new characters are typed, and afterwards', async () => {
  await x('setxkbmap', 'us');
  await room.types('a');
  const before = await keysymsByKeycode();
  const free = before.findLastIndex((keysyms) => keysyms.length === 0) + FIRST_KEYCODE;
  const meanings = new Set<string>();
  await x('xmodmap', '-e', `keycode ${free} = EuroSign`);
  const lookAt = async (): Promise<void> => {
    meanings.add(String((await keysymsByKeycode())[free - FIRST_KEYCODE]));
  };
  const looks = setInterval(() => void lookAt(), LOOK_MS);
  await room.types(chinese(200, 900));
  clearInterval(looks);
  await until(async () => {
    const now = await keysymsByKeycode();
    now[free - FIRST_KEYCODE] = [];
    return JSON.stringify(now) === JSON.stringify(before);
  }, 'all other keycodes to be given back');
  await lookAt();
  assert.deepEqual([...meanings], [String(EURO)]);
  await x('setxkbmap', 'us');
});

/** The keysyms of all keycodes, as the X server says them. */
const keymap = async (): Promise<string> => JSON.stringify(await keysymsByKeycode());

const mediaKeys = async (): Promise<number[][]> => {
  const all = await keysymsByKeycode();
  return MEDIA_KEYCODES.map((keycode) => all[keycode - FIRST_KEYCODE]!);
};

async function keysymsByKeycode(): Promise<number[][]> {
  const { keys } = readXkbMap(await xkb.map(WANTED_PARTS));
  return keys.map(({ keysyms }) => keysyms.flat().filter((keysym) => keysym !== 0));
}

const DIGITS = '1234567890'.repeat(2);

for (const [program, type] of [
  ['xdotool', ['type', '--delay', '5', DIGITS]],
  ['xvkbd', ['-delay', '5', '-text', DIGITS]],
] as const) {
  test(`three viewers and ${program} type at the same time, and all that each of them types arrives in order`, async () => {
    // No two texts have a character in common.
    const texts = ['The quick brown Fox ', 'ÄÖÜжщλπ—€уро', '漢字かな混じり文です。'];
    const of = (text: string): string => [...room.rest()].filter((letter) => text.includes(letter)).join('');
    // A key that the program presses while a viewer holds Shift is another character. Then it types again.
    await until(async () => {
      const writers = texts.map(() => room.open());
      const typing = x(program, ...type);
      for (const [i, input] of writers.entries()) tapAll(input, texts[i]!);
      await typing;
      await until(() => texts.every((text) => of(text).length >= text.length), 'all letters of the viewers');
      for (const text of texts) assert.equal(of(text), text);
      for (const writer of writers) writer.close();
      const isWhole = of(DIGITS) === DIGITS;
      room.skip();
      return isWhole;
    }, `what ${program} types`);
  });
}

test('300 new characters in a row arrive in order, with a core kept busy', async () => {
  await using _ = await busyCore();
  await room.types(chinese(300, 2000));
});
