// What is typed behind a large text, while the page still deflates that.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { CLIPBOARD_PROVIDE } from '../../src/protocol/constants.ts';
import { clipboardTextFromInflated } from '../../src/protocol/extended-clipboard.ts';
import { extendedClipboardCaps } from '../../src/protocol/server-messages.ts';
import { launchChromium } from './browser.ts';
import { PageServer, type PageViewer } from './page-server.ts';

let browser: Browser;
let pages: PageServer;
let page: Page;
let viewer: PageViewer;

before(async () => {
  [browser, pages] = await Promise.all([
    launchChromium(),
    PageServer.start({ width: 320, height: 200, name: 'Large paste' }),
  ]);
  page = await browser.newPage();
  await page.goto(pages.url);
  viewer = await pages.nextViewer();
  await viewer.showDesktop();
  viewer.send(extendedClipboardCaps(1 << 24));
  await viewer.roundTrip();
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

/** Characters of the text: some hundred milliseconds of work. */
const LENGTH = 8_000_000;

/** More keys than may wait, twice over. */
const KEYS = 5000;

test('keys that are typed behind a large text come after it, in order and all of them, however many wait', async () => {
  const pasted = await page.evaluate<string>(`(() => {
    const field = document.querySelector('#keys');
    const parts = [];
    for (let at = 0, state = 1; at < ${LENGTH}; at += 8) {
      state = (state * 48271) % 0x7fffffff;
      parts.push(state.toString(36).padStart(8, '-').slice(-8));
    }
    const text = parts.join('');
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    for (let i = 0; i < ${KEYS}; i++) {
      const key = { key: 'abcdefghij'[i % 10], code: 'Key' + 'ABCDEFGHIJ'[i % 10], bubbles: true, cancelable: true };
      field.dispatchEvent(new KeyboardEvent('keydown', key));
      field.dispatchEvent(new KeyboardEvent('keyup', key));
    }
    return text;
  })()`);
  await viewer.until('all keys', () => viewer.count('key') >= 2 * KEYS, 60_000);
  const text = viewer.received.findIndex(
    (message) => message.type === 'extendedClipboard' && (message.flags & CLIPBOARD_PROVIDE) !== 0,
  );
  const firstKey = viewer.received.findIndex(({ type }) => type === 'key');
  assert.ok(text >= 0 && text < firstKey, `the text is message ${text}, the first key ${firstKey}`);
  const [provided] = viewer.of('extendedClipboard').filter(({ flags }) => (flags & CLIPBOARD_PROVIDE) !== 0);
  assert.equal(clipboardTextFromInflated(provided!.flags, inflateSync(provided!.data)), pasted);
  const typed = viewer.of('key').filter(({ down }) => down);
  assert.equal(
    typed.map(({ keysym }) => String.fromCharCode(keysym)).join(''),
    'abcdefghij'.repeat(KEYS / 10),
  );
});
