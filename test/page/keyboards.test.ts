// Keyboards of several languages and devices: what is typed in the page is what a program of a real desktop reads.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import {
  type Browser,
  type BrowserContextOptions,
  type CDPSession,
  devices,
  type Page,
} from 'playwright-core';
import { launchChromium } from '../client/browser.ts';
import { x } from '../desktop/support.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { visibleWindow } from '../support/visible-window.ts';
import { waitFor } from '../support/wait-for.ts';
import { showsDesktop } from './open-page.ts';

let folder: string;
let server: RunningDeskwire;
let browser: Browser;

/** Without a window manager, the window under the pointer has the keyboard. This one is everywhere. */
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deskwire-keyboards-'));
  const run = `exec xterm -u8 -fa 'DejaVu Sans Mono' -fs 10 -geometry 120x50+0+0 -e 'cat > ${folder}/typed'`;
  [server, browser] = await Promise.all([
    startDeskwire({ flags: ['--size', '800x600', '--run', run] }),
    launchChromium(),
  ]);
  await visibleWindow(server.xEnvironment(), 'xterm');
});

after(async () => {
  await browser?.close();
  await server?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});

function typed(): string {
  try {
    return readFileSync(join(folder, 'typed'), 'utf8');
  } catch {
    return '';
  }
}

/** A page on a device, and its developer tools, which type as the system does. */
interface Desk {
  readonly page: Page;
  readonly devTools: CDPSession;
}

async function open(platform: string, options: BrowserContextOptions = {}): Promise<Desk> {
  const { name: username, password } = server.owner;
  const context = await browser.newContext({
    ...options,
    httpCredentials: { username, password },
    ignoreHTTPSErrors: true,
  });
  await context.addInitScript(
    `Object.defineProperty(Navigator.prototype, 'platform', { get: () => '${platform}' })`,
  );
  const page = await context.newPage();
  await page.goto(server.url);
  await showsDesktop(page);
  const devTools = await context.newCDPSession(page);
  // The pointer moves into the terminal.
  const [left, top] = await page.evaluate<[number, number]>('[innerWidth / 2, innerHeight / 2]');
  if (options.hasTouch) await page.touchscreen.tap(left, top);
  else await page.mouse.click(left, top);
  return { page, devTools };
}

/** Resolves with the line that the program reads for what is typed. */
async function lineOf({ page }: Desk, type: () => Promise<unknown>): Promise<string> {
  const from = typed().length;
  await type();
  await page.keyboard.press('Enter');
  await waitFor('a line', () => typed().slice(from).includes('\n'));
  return typed().slice(from).split('\n')[0]!;
}

/** A key as the browser names it, and the modifiers that the hand holds. */
type Stroke = readonly [code: string, key: string, held?: 'Shift' | 'AltGraph' | 'Control' | 'Meta' | 'Alt'];

const MODIFIERS = {
  Shift: { code: 'ShiftLeft', flag: 8 },
  AltGraph: { code: 'AltRight', flag: 0 },
  Control: { code: 'ControlLeft', flag: 2 },
  Meta: { code: 'MetaLeft', flag: 4 },
  Alt: { code: 'AltLeft', flag: 1 },
} as const;

/** Tells the page of one key. `modifiers` are those that are down. */
async function tell(
  { devTools }: Desk,
  type: 'keyDown' | 'keyUp',
  [code, key]: readonly [code: string, key: string],
  modifiers = 0,
): Promise<void> {
  const isKeypad = code.startsWith('Numpad');
  const location = isKeypad ? 3 : code.endsWith('Right') ? 2 : code.endsWith('Left') ? 1 : 0;
  await devTools.send('Input.dispatchKeyEvent', { type, code, key, modifiers, location, isKeypad });
}

async function strike(desk: Desk, strokes: readonly Stroke[]): Promise<void> {
  for (const [code, key, held] of strokes) {
    const modifier = held && MODIFIERS[held];
    const flag = modifier?.flag ?? 0;
    if (modifier) await tell(desk, 'keyDown', [modifier.code, held], flag);
    await tell(desk, 'keyDown', [code, key], flag);
    await tell(desk, 'keyUp', [code, key], flag);
    if (modifier) await tell(desk, 'keyUp', [modifier.code, held]);
  }
}

/** Layouts by what their keys mean, each where it is on the keyboard. */
const LAYOUTS: readonly (readonly [language: string, strokes: readonly Stroke[], text: string])[] = [
  [
    'French (AZERTY)',
    [
      ...([
        ['KeyQ', 'a'],
        ['KeyW', 'z'],
        ['Digit2', 'é'],
        ['Digit9', 'ç'],
        ['Digit0', 'à'],
      ] as const),
      ...([
        ['Digit1', '1', 'Shift'],
        ['BracketLeft', 'Dead'],
        ['KeyE', 'ê'],
      ] as const),
      ...([
        ['Digit0', '@', 'AltGraph'],
        ['KeyE', '€', 'AltGraph'],
        ['Quote', 'ù'],
        ['KeyM', ','],
      ] as const),
    ],
    'azéçà1ê@€ù,',
  ],
  [
    'German',
    [
      ...([
        ['Quote', 'ä'],
        ['Semicolon', 'Ö', 'Shift'],
        ['BracketLeft', 'ü'],
        ['Minus', 'ß'],
      ] as const),
      ...([
        ['KeyY', 'z'],
        ['KeyZ', 'y'],
        ['KeyQ', '@', 'AltGraph'],
        ['Digit7', '{', 'AltGraph'],
      ] as const),
      ...([
        ['Minus', '\\', 'AltGraph'],
        ['Slash', '_', 'Shift'],
        ['Backquote', 'Dead'],
        ['KeyE', 'ê'],
      ] as const),
    ],
    'äÖüßzy@{\\_ê',
  ],
  [
    'Greek',
    [
      ...([
        ['KeyA', 'α'],
        ['KeyB', 'β'],
        ['KeyG', 'Γ', 'Shift'],
        ['KeyW', 'ς'],
        ['KeyU', 'θ'],
      ] as const),
      ...([
        ['Semicolon', 'Dead'],
        ['KeyA', 'ά'],
        ['Semicolon', 'Dead'],
        ['KeyI', 'ΐ'],
        ['KeyQ', ';'],
      ] as const),
    ],
    'αβΓςθάΐ;',
  ],
];

for (const [language, strokes, text] of LAYOUTS) {
  test(`a program reads what is typed on a keyboard of the language ${language}`, async () => {
    const desk = await open('Linux x86_64');
    assert.equal(await lineOf(desk, () => strike(desk, strokes)), text);
  });
}

/** Composes a text in steps, as input methods do, and ends with what was chosen. */
async function compose({ devTools }: Desk, steps: readonly string[], chosen: string): Promise<void> {
  for (const text of steps) {
    const at = { selectionStart: text.length, selectionEnd: text.length };
    await devTools.send('Input.imeSetComposition', { text, ...at });
  }
  if (chosen !== '') await devTools.send('Input.insertText', { text: chosen });
  else await devTools.send('Input.imeSetComposition', { text: '', selectionStart: 0, selectionEnd: 0 });
}

test('a program reads the Japanese words that were chosen, and nothing of how they were composed', async () => {
  const desk = await open('Linux x86_64');
  const line = await lineOf(desk, async () => {
    await compose(desk, ['n', 'に', 'にh', 'にほ', 'にほん', '日本'], '日本');
    await compose(desk, ['g', 'ご', '語'], '語');
    // A composition that is given up.
    await compose(desk, ['ま'], '');
    await strike(desk, [['KeyA', 'a']]);
  });
  assert.equal(line, '日本語a');
});

test('a program reads emoji, also those of several characters', async () => {
  const desk = await open('Linux x86_64');
  for (const emoji of ['😀', '👩‍👩‍👧', '🇯🇵', '👍🏽', '❤️'])
    assert.equal(await lineOf(desk, () => desk.page.keyboard.insertText(emoji)), emoji);
});

test('on a Mac, a program reads what Option types, and Command acts as Control', async () => {
  const desk = await open('MacIntel');
  const line = await lineOf(desk, () =>
    strike(desk, [
      ...([
        ['KeyX', 'x'],
        ['KeyU', 'u', 'Meta'],
        ['KeyL', '@', 'Alt'],
        ['Digit5', '[', 'Alt'],
      ] as const),
      ...([
        ['KeyE', '€', 'Alt'],
        ['KeyA', 'å', 'Alt'],
        ['KeyN', 'n'],
      ] as const),
    ]),
  );
  // Control and U has the terminal forget the line.
  assert.equal(line, '@[€ån');
});

test('on Windows, a program reads what AltGr types, which comes as Control and AltRight', async () => {
  const desk = await open('Win32');
  const line = await lineOf(desk, async () => {
    const [control, altGr] = [['ControlLeft', 'Control'] as const, ['AltRight', 'AltGraph'] as const];
    await tell(desk, 'keyDown', control);
    await tell(desk, 'keyDown', altGr);
    await strike(desk, [
      ['KeyQ', '@'],
      ['KeyE', '€'],
      ['Digit8', '['],
    ]);
    await tell(desk, 'keyUp', control);
    await tell(desk, 'keyUp', altGr);
    await strike(desk, [
      ['KeyA', 'a'],
      ['KeyB', 'B', 'Shift'],
    ]);
  });
  assert.equal(line, '@€[aB');
});

test('on Android, a program reads words letter by letter as they are composed, corrected and deleted', async () => {
  const desk = await open('Linux armv8l', devices['Pixel 7']!);
  await desk.page.evaluate(`document.querySelector('#keys').focus()`);
  const line = await lineOf(desk, () => compose(desk, ['d', 'de', 'des', 'desj', 'desk'], 'desk@ü😀'));
  assert.equal(line, 'desk@ü😀');
});

test('on an iPad, a program reads what the on-screen keyboard and a keyboard beside it type', async () => {
  const desk = await open('MacIntel', devices['iPad Pro 11']!);
  await desk.page.evaluate(`document.querySelector('#keys').focus()`);
  const line = await lineOf(desk, async () => {
    await strike(desk, [
      ['KeyH', 'h'],
      ['KeyI', 'i'],
      ['KeyL', '@', 'Alt'],
    ]);
    await compose(desk, ['に', 'にほん'], '日本');
    await desk.page.keyboard.insertText('😀 ok');
  });
  assert.equal(line, 'hi@日本😀 ok');
});

test('Caps Lock and Num Lock of the desktop and of the browser may differ: the letter that the user sees is typed', async () => {
  const desk = await open('Linux x86_64');
  const strokes: readonly Stroke[] = [
    ...([
      ['KeyA', 'a'],
      ['KeyB', 'B'],
      ['KeyC', 'C', 'Shift'],
      ['KeyD', 'd', 'Shift'],
    ] as const),
    ...([
      ['Digit1', '1'],
      ['Numpad7', '7'],
      ['NumpadDecimal', '.'],
    ] as const),
  ];
  for (const [caps, num] of [
    [false, false],
    [true, false],
    [true, true],
    [false, true],
  ] as const) {
    for (const [isOn, name] of [
      [caps, 'Caps_Lock'],
      [num, 'Num_Lock'],
    ] as const) {
      if (isOn) await x(server.xEnvironment(), 'xdotool', 'key', name);
    }
    try {
      const line = await lineOf(desk, () => strike(desk, strokes));
      assert.equal(line, 'aBCd17.', `Caps Lock ${caps}, Num Lock ${num}`);
    } finally {
      if (caps) await x(server.xEnvironment(), 'xdotool', 'key', 'Caps_Lock');
      if (num) await x(server.xEnvironment(), 'xdotool', 'key', 'Num_Lock');
    }
  }
});

test('a modifier that was down when the window lost the keyboard does not stick', async () => {
  const desk = await open('Linux x86_64');
  const line = await lineOf(desk, async () => {
    for (const { code, flag } of [MODIFIERS.Shift, MODIFIERS.Control, MODIFIERS.Alt]) {
      await tell(desk, 'keyDown', [code, code.replace('Left', '')], flag);
      // The key goes up elsewhere.
      await desk.page.evaluate(`window.dispatchEvent(new Event('blur'))`);
      await strike(desk, [['KeyA', 'a']]);
    }
    // Or without a word: the next key tells that it is up.
    await tell(desk, 'keyDown', ['ControlLeft', 'Control'], MODIFIERS.Control.flag);
    await strike(desk, [['KeyU', 'u']]);
  });
  assert.equal(line, 'aaau');
});
