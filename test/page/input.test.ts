import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../client/browser.ts';
import { x } from '../desktop/support.ts';
import { HttpsClient } from '../support/https-client.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { visibleWindow } from '../support/visible-window.ts';
import { waitFor } from '../support/wait-for.ts';
import { openPage } from './open-page.ts';

const IN_XTERM = { x: 100, y: 60 };

let folder: string;
let server: RunningDeskwire;
let browser: Browser;
let page: Page;

/** Without a window manager, the window under the pointer has the keyboard, and windows stay where they are put. */
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deskwire-typed-'));
  const programs = [
    `xterm -u8 -fa 'DejaVu Sans Mono' -fs 10 -geometry 70x12+0+0 -e 'cat > ${folder}/typed' &`,
    `exec stdbuf -oL xev -event mouse -geometry 400x200+20+300 > ${folder}/mouse`,
  ];
  [server, browser] = await Promise.all([
    startDeskwire({ flags: ['--size', '800x600', '--run', programs.join(' ')] }),
    launchChromium(),
  ]);
  page = await openPage(browser, server);
  await waitFor('both programs', () => written('typed') !== undefined && !!written('mouse'));
  for (const program of ['xterm', 'Event Tester']) await visibleWindow(server.xEnvironment(), program);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

function written(name: string): string | undefined {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return undefined;
  }
}

/** Types a line in the page. Resolves with the line that a program read from its terminal. */
async function typeLine(on: Page, text: string): Promise<string> {
  const before = written('typed')!;
  await on.mouse.click(IN_XTERM.x, IN_XTERM.y);
  await on.keyboard.type(text);
  await on.keyboard.press('Enter');
  const all = await waitFor(text, () => {
    const now = written('typed')!;
    return now.length > before.length && now.endsWith('\n') && now;
  });
  return all.slice(before.length, -1);
}

for (const text of ['Deskwire', 'Grüße, 5 € für Ölfässer: "ÄÖÜ" {[@~\\|]}', 'Привет 日本 😀']) {
  test(`a program in a terminal reads what was typed in the page: ${text}`, async () => {
    assert.equal(await typeLine(page, text), text);
  });
}

test('the pointer on the desktop is where the page has it, in both corners too', async () => {
  for (const [left, top] of [
    [123, 457],
    [0, 0],
    [799, 599],
  ] as const) {
    await page.mouse.move(left, top);
    await waitFor(`${left},${top}`, async () => {
      const said = await x(server.xEnvironment(), 'xdotool', 'getmouselocation');
      return said.startsWith(`x:${left} y:${top} `);
    });
  }
});

/** Returns xev's events, which are a paragraph each, as short lines with the place on the screen. */
function mouseEvents(from: number): string[] {
  const paragraphs = written('mouse')!.slice(from).split('\n\n');
  return paragraphs.flatMap((text) => {
    const [, kind] = /^(\w+) event/m.exec(text) ?? [];
    const [, left, top] = /root:\((\d+),(\d+)\)/.exec(text) ?? [];
    const [, button = ''] = /button (\d)/.exec(text) ?? [];
    return kind && left ? [`${kind}${button} ${left},${top}`] : [];
  });
}

test('a program sees clicks, drags, the other buttons and the wheel', async () => {
  const from = written('mouse')!.length;
  await page.mouse.move(50, 340);
  await page.mouse.down();
  await page.mouse.move(150, 390, { steps: 4 });
  await page.mouse.up();
  await page.mouse.click(80, 360, { button: 'right' });
  await page.mouse.wheel(0, 120);
  const isWheel = (line: string) => line.startsWith('ButtonRelease5');
  const events = await waitFor('the wheel', () => {
    const now = mouseEvents(from);
    return now.some(isWheel) && now;
  });
  const buttons = events.filter((line) => line.startsWith('Button'));
  assert.deepEqual(buttons.slice(0, 6), [
    'ButtonPress1 50,340',
    'ButtonRelease1 150,390',
    'ButtonPress3 80,360',
    'ButtonRelease3 80,360',
    'ButtonPress5 80,360',
    'ButtonRelease5 80,360',
  ]);
  const drag = events.slice(events.indexOf(buttons[0]!), events.indexOf(buttons[1]!));
  assert.ok(drag.includes('MotionNotify 150,390'), drag.join('\n'));
});

test('a program sees the buttons for back and forward, the wheel the other way, and faster', async () => {
  const from = written('mouse')!.length;
  const devTools = await page.context().newCDPSession(page);
  await page.mouse.move(60, 350);
  for (const [button, buttons] of [
    ['back', 8],
    ['forward', 16],
  ] as const) {
    const at = { x: 60, y: 350, button, clickCount: 1 };
    await devTools.send('Input.dispatchMouseEvent', { type: 'mousePressed', ...at, buttons });
    await devTools.send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...at, buttons: 0 });
  }
  await page.keyboard.press('Control+Alt+Shift+M');
  await page.click('#view-panel');
  await page.getByLabel('Reverse the wheel').check();
  await page.getByLabel('Speed of the wheel').fill('2');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.mouse.move(60, 350);
  await page.mouse.wheel(0, 120);
  await page.mouse.click(60, 350, { button: 'right' });
  const pressed = await waitFor('the last button', () => {
    const now = mouseEvents(from).filter((line) => line.startsWith('ButtonPress'));
    return now.some((line) => line.startsWith('ButtonPress3')) && now;
  });
  assert.deepEqual(
    pressed.map((line) => line.split(' ')[0]),
    ['ButtonPress8', 'ButtonPress9', 'ButtonPress4', 'ButtonPress4', 'ButtonPress3'],
  );
  await page.evaluate('localStorage.clear()');
});

test('a user without write sees the same picture and "View only", and cannot type or move anything', async () => {
  const owner = new HttpsClient(server.url, server.ca, server.owner);
  await owner.get('/api/create_user?name=guest&password=looks&read=true');
  const guest = await openPage(browser, server, { user: { name: 'guest', password: 'looks' } });
  assert.equal(await guest.locator('#view-only').textContent(), 'View only');
  assert.equal(await guest.locator('#view-only').isVisible(), true);
  assert.equal(await page.locator('#view-only').isHidden(), true);

  await page.mouse.move(IN_XTERM.x, IN_XTERM.y);
  await guest.mouse.click(700, 500);
  await guest.keyboard.type('not this');
  await guest.keyboard.press('Enter');
  // The owner's line comes after everything that the guest sent. If that had counted, it would stand before it.
  assert.equal(await typeLine(page, 'but this'), 'but this');

  await owner.get('/api/update_user?name=guest&write=true');
  await guest.locator('#view-only').waitFor({ state: 'hidden' });
  assert.equal(await typeLine(guest, 'and now this'), 'and now this');
  owner.close();
});
