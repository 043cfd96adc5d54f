import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { CLIPBOARD_PROVIDE, CLIPBOARD_TEXT } from '../../src/protocol/constants.ts';
import { clipboardTextFromInflated } from '../../src/protocol/extended-clipboard.ts';
import * as server from '../../src/protocol/server-messages.ts';
import { clipboardTextToDeflate } from '../support/clipboard-text-to-deflate.ts';
import { waitFor } from '../support/wait-for.ts';
import { launchChromium } from './browser.ts';
import { inputLines } from './input-lines.ts';
import { PageServer, type PageViewer } from './page-server.ts';

let browser: Browser;
let pages: PageServer;
let page: Page;
let viewer: PageViewer;

before(async () => {
  [browser, pages] = await Promise.all([
    launchChromium(),
    PageServer.start({ width: 640, height: 400, name: 'Input' }),
  ]);
  const context = await browser.newContext({ viewport: { width: 640, height: 400 } });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  page = await context.newPage();
  await page.goto(pages.url);
  viewer = await pages.nextViewer();
  await viewer.showDesktop();
});

after(async () => {
  await browser?.close();
  await pages?.close();
});

/** Number of messages that `heard` has already returned. */
let seen = 0;
function heard(): string[] {
  const lines = inputLines(viewer.received.slice(seen));
  seen = viewer.received.length;
  return lines;
}

/**
 * Resolves when everything that the page sends for the events so far has arrived. It sends some pointer moves at the
 * next animation frame, and answers a fence behind all of them.
 */
async function settle(): Promise<void> {
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))');
  await viewer.roundTrip();
}

/** Resolves when the browser's clipboard has that text. The page writes it asynchronously. */
async function untilCopied(text: string): Promise<void> {
  await waitFor(`"${text}" on the clipboard`, async () => {
    return (await page.evaluate('navigator.clipboard.readText()')) === text;
  });
}

async function afterwards(): Promise<string[]> {
  await settle();
  return heard();
}

/** Resolves with what has arrived once there are as many lines, and what the page sends with them. */
async function afterPaste(lines: number): Promise<string[]> {
  const all: string[] = [];
  // The page reads the browser's clipboard, which answers when it likes, before it sends the key.
  await waitFor(`${lines} messages`, () => all.push(...heard()) >= lines);
  return [...all, ...(await afterwards())];
}

test('typed words arrive as keysyms with scancodes, down and up in order', async () => {
  heard();
  await page.keyboard.type('Hi ');
  assert.deepEqual(await afterwards(), ['+48/23', '-48/23', '+69/17', '-69/17', '+20/39', '-20/39']);
  await page.keyboard.press('Shift+Tab');
  assert.deepEqual(await afterwards(), ['+ffe1/2a', '+ff09/f', '-ff09/f', '-ffe1/2a']);
});

test('the browser acts on none of the keys that the desktop gets', async () => {
  for (const key of ['F5', 'Control+r', 'Alt+ArrowLeft', 'Control+f', 'Backspace', 'Escape', 'F1']) {
    await page.keyboard.press(key);
  }
  assert.equal((await afterwards()).length, 4 * 2 + 3 * 4);
  assert.equal(viewer.socket.readyState, viewer.socket.OPEN);
});

test('a key is released with its pressed keysym even if Shift changed in between', async () => {
  await page.keyboard.down('Shift');
  await page.keyboard.down('A');
  await page.keyboard.up('Shift');
  await page.keyboard.up('a');
  assert.deepEqual(await afterwards(), ['+ffe1/2a', '+41/1e', '-ffe1/2a', '-41/1e']);
});

test('the page does not send lock keys', async () => {
  await page.keyboard.press('CapsLock');
  await page.keyboard.press('NumLock');
  assert.deepEqual(await afterwards(), []);
});

test('text without a key arrives as its characters', async () => {
  await page.keyboard.insertText('é€');
  assert.deepEqual(await afterwards(), ['+e9/0', '-e9/0', '+10020ac/0', '-10020ac/0']);
});

test('composed text arrives once, at the end of the composition', async () => {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Input.imeSetComposition', { text: 'n', selectionStart: 1, selectionEnd: 1 });
  await cdp.send('Input.imeSetComposition', { text: 'ni', selectionStart: 2, selectionEnd: 2 });
  assert.deepEqual(await afterwards(), []);
  await cdp.send('Input.insertText', { text: '你' });
  assert.deepEqual(await afterwards(), ['+1004f60/0', '-1004f60/0']);
});

test('the page releases all keys when its window loses the keyboard', async () => {
  await page.keyboard.down('Control');
  await page.keyboard.down('x');
  await page.mouse.move(100, 100);
  await page.mouse.down();
  await settle();
  heard();
  await page.evaluate(`window.dispatchEvent(new Event('blur'))`);
  assert.deepEqual(await afterwards(), ['-78/2d', '-ffe3/1d', '0@100,100']);
  await page.keyboard.up('x');
  await page.keyboard.up('Control');
  await page.mouse.up();
  await settle();
  heard();
});

/** Tells the page of a key as a browser does. */
const keyEvent = (type: 'keydown' | 'keyup', code: string, key: string, flags = {}): Promise<void> =>
  page.evaluate(
    `document.querySelector('#keys').dispatchEvent(new KeyboardEvent('${type}',
      ${JSON.stringify({ code, key, bubbles: true, cancelable: true, ...flags })}))`,
  );

test('a modifier whose key-up the browser has missed is released before the next key', async () => {
  await keyEvent('keydown', 'ShiftLeft', 'Shift', { shiftKey: true });
  await keyEvent('keydown', 'ControlRight', 'Control', { shiftKey: true, ctrlKey: true, location: 2 });
  await keyEvent('keydown', 'KeyC', 'C', { shiftKey: true, ctrlKey: true });
  await keyEvent('keyup', 'KeyC', 'C', { shiftKey: true, ctrlKey: true });
  assert.deepEqual(await afterwards(), ['+ffe1/2a', '+ffe4/9d', '+43/2e', '-43/2e']);
  await keyEvent('keydown', 'KeyX', 'X', { shiftKey: true });
  assert.deepEqual(await afterwards(), ['-ffe4/9d', '+58/2d']);
  await keyEvent('keyup', 'KeyX', 'x');
  await keyEvent('keydown', 'KeyY', 'y');
  await keyEvent('keyup', 'KeyY', 'y');
  assert.deepEqual(await afterwards(), ['-58/2d', '-ffe1/2a', '+79/15', '-79/15']);
});

test('a modifier whose key-up the browser has missed is released before a click, and before the wheel turns', async () => {
  await page.mouse.move(20, 20);
  for (const use of [() => page.mouse.click(20, 20), () => page.mouse.wheel(0, 120)]) {
    await keyEvent('keydown', 'ControlLeft', 'Control', { ctrlKey: true });
    await settle();
    heard();
    await use();
    const [first, ...others] = (await afterwards()).filter((line) => !line.startsWith('0@'));
    assert.equal(first, '-ffe3/1d');
    assert.match(others.join(), /^10*@20,20$/);
  }
});

test('a paste sends the text before the key', async () => {
  await page.evaluate(`navigator.clipboard.writeText('from here')`);
  await page.keyboard.press('Control+v');
  assert.deepEqual(await afterPaste(5), ['+ffe3/1d', 'cut from here', '+76/2f', '-76/2f', '-ffe3/1d']);
});

test('text copied on the desktop is put on the browser’s clipboard', async () => {
  viewer.send(server.cutText('déjà'));
  await untilCopied('déjà');
});

test('with the extended clipboard any Unicode text goes both ways', async () => {
  viewer.send(server.extendedClipboardCaps(1 << 20));
  viewer.send(server.extendedClipboardProvide(CLIPBOARD_TEXT, deflateSync(clipboardTextToDeflate('日本'))));
  await untilCopied('日本');
  await page.evaluate(`navigator.clipboard.writeText('smile 😀')`);
  await page.keyboard.press('Control+v');
  const provided = await waitFor('the text', () =>
    viewer.of('extendedClipboard').find(({ flags }) => (flags & CLIPBOARD_PROVIDE) !== 0),
  );
  assert.equal(clipboardTextFromInflated(provided.flags, inflateSync(provided.data)), 'smile 😀');
});

/** The smallest PNG: one pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

test('HTML and a picture that the desktop copies are put on the browser’s clipboard, and a paste sends them', async () => {
  viewer.send(server.rights({ read: true, write: true, owner: false }));
  const item = (mime: string, data: Uint8Array) => ({ id: 1, mime, data });
  viewer.send(
    server.binaryClipboard([
      item('text/plain', Buffer.from('bold')),
      item('text/html', Buffer.from('<b>bold</b>')),
      item('image/png', PIXEL),
    ]),
  );
  await waitFor('the three forms', async () => {
    const types = await page.evaluate(
      'navigator.clipboard.read().then((items) => items.flatMap(({ types }) => types))',
    );
    return String(types) === 'text/plain,text/html,image/png';
  });
  await settle();
  heard();
  await page.keyboard.press('Control+v');
  const keys = await afterPaste(4);
  const [sent] = viewer.of('binaryClipboard').slice(-1);
  const forms = new Map(sent!.items.map(({ mime, data }) => [mime, Buffer.from(data)]));
  assert.equal(forms.get('text/plain')?.toString(), 'bold');
  assert.match(forms.get('text/html')?.toString() ?? '', /bold/);
  // Browsers rewrite pictures.
  assert.equal(forms.get('image/png')?.toString('latin1', 1, 4), 'PNG');
  const types = viewer.received.map(({ type }) => type);
  assert.ok(types.lastIndexOf('binaryClipboard') < types.lastIndexOf('key') - 2, 'it comes before the key');
  assert.deepEqual(keys, ['+ffe3/1d', '+76/2f', '-76/2f', '-ffe3/1d']);
});

test('a sentence of the server is shown to the user', async () => {
  viewer.send(server.notice('What you pasted is too large.'));
  await page.getByText('What you pasted is too large.').waitFor();
});

test('each of a mouse’s five buttons is pressed and released, and the browser does not go back or forward', async () => {
  const devTools = await page.context().newCDPSession(page);
  await page.mouse.move(40, 50);
  await settle();
  heard();
  for (const [button, buttons] of [
    ['left', 1],
    ['middle', 4],
    ['right', 2],
    ['back', 8],
    ['forward', 16],
  ] as const) {
    const at = { x: 40, y: 50, button, clickCount: 1 };
    await devTools.send('Input.dispatchMouseEvent', { type: 'mousePressed', ...at, buttons });
    await devTools.send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...at, buttons: 0 });
  }
  const masks = (await afterwards()).map((line) => line.split('@')[0]);
  assert.deepEqual(masks, ['1', '0', '10', '0', '100', '0', '10000000', '0', '100000000', '0']);
  assert.equal(viewer.socket.readyState, viewer.socket.OPEN);
});

test('buttons are pressed at the pointer’s position', async () => {
  heard();
  await page.mouse.move(10, 20);
  await page.mouse.down();
  await page.mouse.up();
  await page.mouse.click(30, 40, { button: 'right' });
  await page.mouse.click(30, 40, { button: 'middle' });
  assert.deepEqual(await afterwards(), [
    '0@10,20',
    '1@10,20',
    '0@10,20',
    '0@30,40',
    '100@30,40',
    '0@30,40',
    '10@30,40',
    '0@30,40',
  ]);
});

test('the desktop keeps the keyboard after a click', async () => {
  await page.mouse.click(300, 300);
  await afterwards();
  await page.keyboard.press('a');
  assert.deepEqual(await afterwards(), ['+61/1e', '-61/1e']);
});

test('a drag continues outside the picture and its release arrives', async () => {
  await page.mouse.move(600, 390);
  await page.mouse.down();
  await page.mouse.move(900, 900);
  await page.mouse.up();
  const lines = await afterwards();
  assert.deepEqual(lines.slice(-2), ['1@639,399', '0@639,399']);
});

test('a second button is pressed and released while the first is down', async () => {
  await page.mouse.move(50, 50);
  await settle();
  heard();
  await page.mouse.down();
  await page.mouse.down({ button: 'right' });
  await page.mouse.up({ button: 'right' });
  await page.mouse.up();
  assert.deepEqual(await afterwards(), ['1@50,50', '101@50,50', '1@50,50', '0@50,50']);
});

test('the page thins out pointer moves, but always sends the last one', async () => {
  heard();
  await page.evaluate(`(() => {
    const canvas = document.querySelector('canvas');
    for (let i = 0; i <= 100; i++) {
      const at = { clientX: 100 + i, clientY: 200, isPrimary: true, bubbles: true };
      canvas.dispatchEvent(new PointerEvent('pointermove', at));
    }
  })()`);
  assert.deepEqual(await afterwards(), ['0@100,200', '0@200,200']);
});

test('the wheel is sent in steps, each pressed and released', async () => {
  await page.mouse.move(50, 50);
  await settle();
  heard();
  await page.mouse.wheel(0, 120);
  await page.mouse.wheel(0, -120);
  await page.mouse.wheel(120, 0);
  const lines = await afterwards();
  assert.deepEqual(lines, ['10000@50,50', '0@50,50', '1000@50,50', '0@50,50', '1000000@50,50', '0@50,50']);
});

test('the toolbar and its panels are reachable by keyboard, and a button sends a complete Ctrl+Alt+Del', async () => {
  await page.keyboard.press('Control+Alt+Shift+M');
  const focused = `document.activeElement.id`;
  assert.equal(await page.evaluate(focused), 'view-panel');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await settle();
  heard();
  await page.click('text=Ctrl Alt Del');
  const keys = (await afterwards()).filter((line) => !line.includes('@'));
  assert.deepEqual(keys, ['+ffe3/1d', '+ffe9/38', '+ffff/d3', '-ffff/d3', '-ffe9/38', '-ffe3/1d']);
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(focused), 'keys-panel');
  await page.keyboard.press('Escape');
  assert.equal(await page.evaluate(focused), 'keys');
});

test('the pointer hits the right pixel when the picture is scaled', async () => {
  await page.setViewportSize({ width: 1280, height: 1000 });
  const widthPx = `document.querySelector('canvas').getBoundingClientRect().width`;
  await waitFor('the larger picture', async () => (await page.evaluate(widthPx)) === 1280);
  await settle();
  heard();
  await page.mouse.move(200, 300);
  // The picture is twice as large and 100 pixels lower: (1000 - 2 * 400) / 2.
  assert.deepEqual(await afterwards(), ['0@100,100']);
});

test('what the desktop had copied before a break does not replace what the user has copied since', async () => {
  viewer.send(server.cutText('copied before'));
  await untilCopied('copied before');
  await page.evaluate(`navigator.clipboard.writeText('copied elsewhere')`);
  viewer.socket.terminate();
  viewer = await pages.nextViewer();
  viewer.send(server.cutText('copied before'));
  await viewer.roundTrip();
  viewer.send(server.bell());
  await settle();
  assert.equal(await page.evaluate('navigator.clipboard.readText()'), 'copied elsewhere');
  viewer.send(server.cutText('copied after'));
  await untilCopied('copied after');
});
