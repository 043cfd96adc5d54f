import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchChromium } from './browser.ts';
import { PageServer } from './page-server.ts';

let browser: Browser;
let pages: PageServer;

before(async () => {
  [browser, pages] = await Promise.all([
    launchChromium(),
    PageServer.start({ width: 64, height: 64, name: 'Keyboards' }),
  ]);
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

/** Longer than the page holds back any key. Its own timer ends before one of the test's that starts later. */
const LONGEST_HOLD_MS = 150;

type Stroke = readonly [type: 'keydown' | 'keyup', code: string, key: string, init?: Record<string, unknown>];

/** Returns the keysyms that the page sends for key events as a browser on `platform` reports them. */
async function sentOn(platform: string, strokes: readonly Stroke[], copied = ''): Promise<string[]> {
  const page = await browser.newPage();
  if (copied !== '') {
    await page.addInitScript(`navigator.clipboard.readText = async () => ${JSON.stringify(copied)}`);
  }
  await page.addInitScript(
    `Object.defineProperty(Navigator.prototype, 'platform', { get: () => '${platform}' })`,
  );
  await page.goto(pages.url);
  const viewer = await pages.nextViewer();
  await page.evaluate(`(() => {
    const field = document.querySelector('#keys');
    for (const [i, [type, code, key, init]] of ${JSON.stringify(strokes)}.entries()) {
      const event = new KeyboardEvent(type, { code, key, bubbles: true, cancelable: true, ...init });
      // One per ms, however long the browser takes.
      Object.defineProperty(event, 'timeStamp', { value: 1000 + i });
      field.dispatchEvent(event);
    }
    return new Promise((done) => setTimeout(done, ${LONGEST_HOLD_MS}));
  })()`);
  await viewer.roundTrip();
  const sent = viewer.received.flatMap((message) => {
    if (message.type === 'key') return `${message.down ? '+' : '-'}${message.keysym.toString(16)}`;
    return message.type === 'clientCutText' ? `cut ${message.text}` : [];
  });
  await page.close();
  return sent;
}

test('AltGr on Windows is sent as AltGr, not as Control and Alt', async () => {
  const sent = await sentOn('Win32', [
    ['keydown', 'ControlLeft', 'Control', { location: 1 }],
    ['keydown', 'AltRight', 'AltGraph', { location: 2 }],
    ['keydown', 'ControlLeft', 'Control', { location: 1, repeat: true }],
    ['keydown', 'KeyQ', '@'],
    ['keyup', 'KeyQ', '@'],
    ['keyup', 'ControlLeft', 'Control', { location: 1 }],
    ['keyup', 'AltRight', 'AltGraph', { location: 2 }],
  ]);
  assert.deepEqual(sent, ['+fe03', '+40', '-40', '-fe03']);
});

test('a single Control on Windows is sent, before the key that follows it', async () => {
  const sent = await sentOn('Win32', [
    ['keydown', 'ControlLeft', 'Control', { location: 1 }],
    ['keydown', 'KeyC', 'c', { ctrlKey: true }],
    ['keyup', 'KeyC', 'c', { ctrlKey: true }],
    ['keyup', 'ControlLeft', 'Control', { location: 1 }],
    ['keydown', 'ControlLeft', 'Control', { location: 1 }],
  ]);
  assert.deepEqual(sent, ['+ffe3', '+63', '-63', '-ffe3', '+ffe3']);
});

test('on a Mac, a key is released when Command goes up, and Option chooses symbols', async () => {
  const sent = await sentOn('MacIntel', [
    ['keydown', 'MetaLeft', 'Meta', { location: 1 }],
    ['keydown', 'KeyC', 'c', { metaKey: true }],
    ['keyup', 'MetaLeft', 'Meta', { location: 1 }],
    ['keydown', 'AltLeft', 'Alt', { location: 1 }],
    ['keydown', 'KeyL', '@', { altKey: true }],
    ['keyup', 'KeyL', '@', { altKey: true }],
    ['keyup', 'AltLeft', 'Alt', { location: 1 }],
  ]);
  // Command is Control on the desktop.
  assert.deepEqual(sent, ['+ffe3', '+63', '-63', '-ffe3', '+fe03', '+40', '-40', '-fe03']);
});

test('on a Mac, whose browsers do not paste with Control, Control and V sends what was copied before the key', async () => {
  const strokes = [
    ['keydown', 'ControlLeft', 'Control', { location: 1 }],
    ['keydown', 'KeyV', 'v', { ctrlKey: true }],
    ['keyup', 'KeyV', 'v', { ctrlKey: true }],
    ['keyup', 'ControlLeft', 'Control', { location: 1 }],
  ] as const;
  const sent = await sentOn('MacIntel', strokes, 'copied elsewhere');
  assert.deepEqual(sent, ['+ffe3', 'cut copied elsewhere', '+76', '-76', '-ffe3']);
});

/** Types by an on-screen keyboard, which makes words and tells no keys. */
async function sentByWords(words: readonly string[], userAgent: string): Promise<string> {
  const context = await browser.newContext({ userAgent, hasTouch: true });
  const page = await context.newPage();
  await page.goto(pages.url);
  const viewer = await pages.nextViewer();
  await page.evaluate(`(() => {
    const field = document.querySelector('#keys');
    const begin = field.value;
    const unnamed = { key: 'Unidentified', keyCode: 229, bubbles: true, cancelable: true };
    for (const word of ${JSON.stringify(words)}) {
      field.dispatchEvent(new KeyboardEvent('keydown', unnamed));
      field.value = word === '<' ? begin.slice(0, -1) : begin + word;
      const isComposing = word !== '<';
      field.dispatchEvent(new InputEvent('input', { inputType: 'insertCompositionText', isComposing, bubbles: true }));
    }
  })()`);
  await viewer.roundTrip();
  await context.close();
  const pressed = viewer.of('key').filter(({ down }) => down);
  return pressed.map(({ keysym }) => (keysym === 0xff08 ? '<' : String.fromCodePoint(keysym))).join('');
}

test('on Android, each letter of a word arrives at once, corrections too, and Backspace deletes', async () => {
  const android =
    'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36';
  assert.equal(await sentByWords(['t', 'te', 'teh', 'the', 'the '], android), 'teh<<he ');
  assert.equal(await sentByWords(['a@b', 'a@', '', '<'], android), 'a@b<<<<');
});

test('a dead key is sent together with its letter', async () => {
  const sent = await sentOn('Linux x86_64', [
    ['keydown', 'Equal', 'Dead'],
    ['keyup', 'Equal', 'Dead'],
    ['keydown', 'KeyE', 'é'],
    ['keyup', 'KeyE', 'é'],
  ]);
  assert.deepEqual(sent, ['+e9', '-e9']);
});
