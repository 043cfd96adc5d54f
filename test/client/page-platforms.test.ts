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
async function sentOn(platform: string, strokes: readonly Stroke[]): Promise<string[]> {
  const page = await browser.newPage();
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
  const sent = viewer.of('key').map(({ down, keysym }) => `${down ? '+' : '-'}${keysym.toString(16)}`);
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
  assert.deepEqual(sent, ['+ffeb', '+63', '-63', '-ffeb', '+fe03', '+40', '-40', '-fe03']);
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
