import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CursorImage, Desktop, DesktopInput } from '../../src/desktop/desktop.ts';
import type { XConnection } from '../../src/desktop/x11/wire/connection.ts';
import { busyCore } from '../support/busy-core.ts';
import { withSlack } from '../support/limits.ts';
import { bareDesktop, connectTo, scratch, underOpenbox, until, x } from './support.ts';

const typed = join(scratch(), 'typed');
let desktop: Desktop;
let input: DesktopInput;
let env: NodeJS.ProcessEnv;
let watcher: XConnection;

const RETURN = 0xff0d;
const SHIFT_L = 0xffe1;
const CONTROL_L = 0xffe3;

before(async () => {
  // Openbox gives the terminal the focus; cat writes each line that was typed.
  ({ desktop, env } = await bareDesktop({
    run: underOpenbox(
      `xterm -u8 -fa 'DejaVu Sans Mono' -title typing -geometry 80x24+0+0 -e 'stty -echo; cat > ${typed}'`,
    ),
  }));
  input = desktop.openInput();
  watcher = await connectTo(env);
  await until(() => existing() !== undefined, 'cat in xterm');
  await until(async () => {
    input.movePointer(200, 200);
    input.button(1, true);
    input.button(1, false);
    const name = await x(env, 'xdotool', 'getwindowfocus', 'getwindowname').catch(() => '');
    return name.trim() === 'typing';
  }, 'the focus in xterm');
});
after(async () => {
  await watcher.close();
  await desktop.close();
});

function existing(): string | undefined {
  try {
    return readFileSync(typed, 'utf8');
  } catch {
    return undefined;
  }
}

const keysymOf = (letter: string): number => {
  const codePoint = letter.codePointAt(0)!;
  if (letter === '\n') return RETURN;
  return codePoint < 0x100 ? codePoint : 0x0100_0000 + codePoint;
};

/** Types a line and returns what the terminal's program has read. */
async function typeAndRead(text: string, timeoutMs?: number): Promise<string> {
  const before = existing() ?? '';
  typeText(`${text}\n`);
  return nextLine(before, timeoutMs);
}

function typeText(text: string): void {
  for (const letter of text) {
    input.key(keysymOf(letter), true, 0);
    input.key(keysymOf(letter), false, 0);
  }
}

async function nextLine(before: string, timeoutMs?: number): Promise<string> {
  const all = await until(
    () => {
      const now = existing();
      return now?.endsWith('\n') && now.length > before.length && now;
    },
    'the line',
    timeoutMs,
  );
  return all.slice(before.length, -1);
}

/** `count` different Chinese characters from the n-th on. */
const chinese = (count: number, n = 0): string =>
  String.fromCodePoint(...Array.from({ length: count }, (_, i) => 0x4e00 + n + i));

for (const text of [
  'hello, World! 1/2 = {x} ~ "y"',
  'é ß ж あ 😀 €',
  'ÄÖÜ äöü Привет мир',
  'aaaaabbbbbAAAAABBBBB',
  'The quick brown fox jumps over the lazy dog, '.repeat(8),
  'いろはにほへとちりぬるをわかよたれそつねならむういのおくやまけふこえてあさきゆめみしゑひもせす',
]) {
  test(`text typed at once arrives in a terminal: ${text.slice(0, 40)}`, async () => {
    assert.equal(await typeAndRead(text), text);
  });
}

test('60 different Chinese characters typed at once on a busy machine arrive in order', async () => {
  await using _ = await busyCore();
  const text = chinese(60);
  assert.equal(await typeAndRead(text), text);
});

test('30 Chinese characters a second that each need a new keycode arrive in order, with a core kept busy', async () => {
  await using _ = await busyCore();
  const count = 300;
  const rates: number[] = [];
  // While this process or the X server stands still, no character arrives: the best of a few rounds counts.
  for (let round = 0; round < 3 && !rates.some((perSecond) => perSecond >= 30); round++) {
    const text = chinese(count, 1000 + round * count);
    const sinceMs = performance.now();
    assert.equal(await typeAndRead(text, 60_000), text);
    rates.push(count / ((performance.now() - sinceMs) / 1000));
  }
  assert.ok(Math.max(...rates) >= 30, `${rates.map((rate) => rate.toFixed(1))} characters a second`);
});

test("a long text of one writer delays no other writer's input, and ends when its writer leaves", async () => {
  const ada = desktop.openInput();
  for (const letter of chinese(1000, 3000)) {
    ada.key(keysymOf(letter), true, 0);
    ada.key(keysymOf(letter), false, 0);
  }
  const delaysMs: number[] = [];
  // A pause of this process or of the X server delays one move. A queue behind the long text would delay them all.
  for (let round = 0; round < 5 && !delaysMs.some((ms) => ms < withSlack(50)); round++) {
    const sinceMs = performance.now();
    input.movePointer(321 + round, 123);
    await until(async () => (await desktop.pointerPosition()).x === 321 + round, 'the pointer');
    delaysMs.push(performance.now() - sinceMs);
  }
  assert.ok(Math.min(...delaysMs) < withSlack(50), `${delaysMs} ms`);
  // The letters of both stand on one line, each in its writer's order.
  const before = existing() ?? '';
  typeText('z');
  ada.close();
  typeText('y\n');
  const line = await nextLine(before);
  assert.ok(line.length < 500, `${line.length} characters`);
  assert.match(line, /z.*y$/);
  assert.equal(line.replace(/[zy]/g, ''), chinese(line.length - 2, 3000));
});

test('letters typed with Shift held by the viewer arrive as a keyboard sends them', async () => {
  const before = existing() ?? '';
  input.key(SHIFT_L, true, 42);
  for (const [keysym, evdev] of [
    [0x41, 30],
    [0x21, 2],
    [0xc4, 40],
    [0x2f, 8],
  ] as const) {
    input.key(keysym, true, evdev);
    input.key(keysym, false, evdev);
  }
  input.key(SHIFT_L, false, 42);
  input.key(RETURN, true, 28);
  input.key(RETURN, false, 28);
  assert.equal(await nextLine(before), 'A!Ä/');
});

test("one writer's Shift and Ctrl do not change what another writer types", async () => {
  const ada = desktop.openInput();
  const before = existing() ?? '';
  ada.key(SHIFT_L, true, 42);
  typeText('ab1/');
  ada.key(SHIFT_L, false, 42);
  ada.key(CONTROL_L, true, 29);
  typeText('cdÄ漢\n');
  assert.equal(await nextLine(before), 'ab1/cdÄ漢');
  ada.close();
});

test("the viewer's repeats of a key type, and the time for which the key is held does not", async () => {
  const before = existing() ?? '';
  for (let i = 0; i < 5; i++) input.key(0x78, true, 45);
  // Longer than the delay of the X server's own repeat.
  await new Promise((resolve) => setTimeout(resolve, 900));
  input.key(0x78, false, 45);
  input.key(RETURN, true, 28);
  input.key(RETURN, false, 28);
  // The X server merges repeats that it gets late, on a busy machine.
  assert.match(await nextLine(before), /^x{2,5}$/);
});

test('a keyboard layout that a program changes is followed', async () => {
  for (const layout of ['de', 'us']) {
    await x(env, 'setxkbmap', layout);
    // The keymap is read again once its changes have settled, which no event tells. Until then, keys are those of the
    // former layout.
    await until(
      async () => (await typeAndRead('zyß@€ああ/')) === 'zyß@€ああ/',
      `text in the layout ${layout}`,
    );
  }
});

/** Whether the display has no key and no button down. */
async function isNothingDown(): Promise<boolean> {
  const keys = await watcher.request<Buffer>((client, done) => client.QueryKeymap(done));
  const pointer = await watcher.request<{ keyMask: number }>((client, done) =>
    client.QueryPointer(watcher.root, done as never),
  );
  return keys.every((byte) => byte === 0) && (pointer.keyMask & 0x1fff) === 0;
}

for (const how of ['releaseAll', 'close'] as const) {
  test(`after ${how} no key and no button is down, although a key was waiting for its keycode`, async () => {
    const ada = desktop.openInput();
    for (const keysym of [0x61, SHIFT_L, CONTROL_L, 0xffe9]) ada.key(keysym, true, 0);
    ada.button(1, true);
    ada.button(3, true);
    await until(async () => !(await isNothingDown()), 'keys that are down');
    ada.key(keysymOf('龍'), true, 0);
    ada[how]();
    await until(isNothingDown, 'all keys and buttons to be up');
    ada.close();
  });
}

test('the pointer goes to the given place, and numbers out of range do no harm', async () => {
  input.movePointer(123, 45);
  await until(async () => (await desktop.pointerPosition()).x === 123, 'the pointer');
  assert.deepEqual(await desktop.pointerPosition(), { x: 123, y: 45 });
  input.nudgePointer(-23, 5);
  await until(async () => (await desktop.pointerPosition()).x === 100, 'the pointer');
  input.movePointer(1e9, Number.NaN);
  input.nudgePointer(Number.POSITIVE_INFINITY, -1e9);
  input.button(99, true);
  input.button(0, true);
  input.movePointer(7, 8);
  await until(async () => (await desktop.pointerPosition()).y === 8, 'the pointer');
});

test("the pointer's picture is announced when it changes", async () => {
  input.movePointer(600, 470);
  await until(async () => (await desktop.pointerPosition()).x === 600 && desktop.cursor, 'a first picture');
  // A program may change the pointer twice: xterm hides it while keys are typed, and shows it when it is moved.
  const told: CursorImage[] = [];
  desktop.on('cursor', (image) => told.push(image));
  input.movePointer(100, 100);
  const image = await until(
    () => told.find(({ pixels }) => pixels.some((byte) => byte !== 0)),
    'a visible picture',
  );
  assert.equal(desktop.cursor, told.at(-1));
  assert.equal(image.pixels.length, image.width * image.height * 4);
});
