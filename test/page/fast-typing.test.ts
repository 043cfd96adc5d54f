// Typing in the page, faster than by hand.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../client/browser.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { visibleWindow } from '../support/visible-window.ts';
import { waitFor } from '../support/wait-for.ts';
import { openPage } from './open-page.ts';

const KEYS = 10_000;
/** Keys of a line, its end included. The terminal keeps a line of up to 4,096 bytes until it ends. */
const LINE_KEYS = 50;
/** Time for all of them to arrive in the program, in ms: longer than any machine that does not lose them needs. */
const ARRIVAL_MS = 120_000;

let folder: string;
let server: RunningDeskwire;
let browser: Browser;
let page: Page;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'deskwire-typing-'));
  const run = `exec xterm -geometry 60x10 -e 'cat > ${folder}/typed'`;
  [server, browser] = await Promise.all([
    startDeskwire({ flags: ['--size', '640x480', '--run', run] }),
    launchChromium(),
  ]);
  page = await openPage(browser, server);
  await visibleWindow(server.xEnvironment(), 'xterm');
});

after(async () => {
  await browser?.close();
  await server?.stop();
  if (folder) rmSync(folder, { recursive: true });
});

function typed(): string {
  try {
    return readFileSync(join(folder, 'typed'), 'utf8');
  } catch {
    return '';
  }
}

/**
 * Types a text in the page by the events that a browser has for keys, all in one go: faster than any browser or hand
 * does it.
 */
const type = (text: string): Promise<void> =>
  page.evaluate(`(() => {
    const field = document.querySelector('#keys');
    field.focus();
    for (const character of ${JSON.stringify(text)}) {
      const named = character === '\\n' ? { key: 'Enter', code: 'Enter' } : {
        key: character,
        code: (character >= '0' && character <= '9' ? 'Digit' : 'Key') + character.toUpperCase(),
      };
      for (const type of ['keydown', 'keyup'])
        field.dispatchEvent(new KeyboardEvent(type, { ...named, bubbles: true, cancelable: true }));
    }
  })()`);

/** Letters and digits in an order without a short period, in lines. */
function textOf(keys: number): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  let state = 1;
  return Array.from({ length: keys }, (_, i) => {
    state = (state * 48_271) % 0x7fff_ffff;
    return i % LINE_KEYS === LINE_KEYS - 1 ? '\n' : letters[state % letters.length];
  }).join('');
}

test('of 10,000 keys that are typed in the page at once, a program gets each, in order', async () => {
  await page.mouse.click(100, 60);
  await waitFor('the focus of the terminal', async () => {
    await type('x\n');
    return typed() !== '';
  });
  // More than one may be on its way.
  await type('y\n');
  await waitFor('the last of the first lines', () => typed().endsWith('y\n'));
  const before = typed().length;
  const text = textOf(KEYS);
  await type(text);
  await waitFor('all keys', () => typed().length >= before + text.length, ARRIVAL_MS).catch(() => undefined);
  assert.equal(typed().slice(before), text);
});
