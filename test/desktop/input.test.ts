import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CursorImage, Desktop } from '../../src/desktop/desktop.ts';
import type { XConnection } from '../../src/desktop/x11/wire/connection.ts';
import { bareDesktop, connectTo, scratch, until, x } from './support.ts';

const typed = join(scratch(), 'typed');
let desktop: Desktop;
let env: NodeJS.ProcessEnv;
let watcher: XConnection;

const RETURN = 0xff0d;
const SHIFT_L = 0xffe1;

before(async () => {
  // Openbox gives the terminal the focus; cat writes each line that was typed.
  ({ desktop, env } = await bareDesktop({
    run: `openbox & exec xterm -u8 -fa 'DejaVu Sans Mono' -title typing -geometry 80x24+0+0 -e 'stty -echo; cat > ${typed}'`,
  }));
  watcher = await connectTo(env);
  await until(() => existing() !== undefined, 'cat in xterm');
  await until(async () => {
    desktop.input.movePointer(200, 200);
    desktop.input.button(1, true);
    desktop.input.button(1, false);
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

async function typeAndRead(text: string): Promise<string> {
  const before = existing() ?? '';
  for (const letter of `${text}\n`) {
    desktop.input.key(keysymOf(letter), true, 0);
    desktop.input.key(keysymOf(letter), false, 0);
  }
  const all = await until(() => {
    const now = existing();
    return now?.endsWith('\n') && now.length > before.length && now;
  }, `the line ${text}`);
  return all.slice(before.length, -1);
}

for (const text of [
  'hello, World! 1/2 = {x} ~ "y"',
  'é ß ж あ 😀 €',
  'ÄÖÜ äöü Привет мир',
  'aaaaabbbbbAAAAABBBBB',
  'The quick brown fox jumps over the lazy dog, '.repeat(8),
  'いろはにほへとちりぬるをわかよたれそつねならむういのおくやまけふこえてあさきゆめみしゑひもせす',
]) {
  test(`typed at once: ${text.slice(0, 40)}`, async () => {
    assert.equal(await typeAndRead(text), text);
  });
}

test('with Shift held by the viewer, as a keyboard sends it', async () => {
  const before = existing() ?? '';
  desktop.input.key(SHIFT_L, true, 42);
  for (const [keysym, evdev] of [
    [0x41, 30],
    [0x21, 2],
    [0xc4, 40],
    [0x2f, 8],
  ] as const) {
    desktop.input.key(keysym, true, evdev);
    desktop.input.key(keysym, false, evdev);
  }
  desktop.input.key(SHIFT_L, false, 42);
  desktop.input.key(RETURN, true, 28);
  desktop.input.key(RETURN, false, 28);
  const all = await until(() => {
    const now = existing();
    return now !== before && now?.endsWith('\n') && now;
  }, 'the line');
  assert.equal(all.slice(before.length), 'A!Ä/\n');
});

test("the viewer's repeat types, a held key alone does not", async () => {
  const before = existing() ?? '';
  for (let i = 0; i < 5; i++) desktop.input.key(0x78, true, 45);
  await new Promise((resolve) => setTimeout(resolve, 900));
  desktop.input.key(0x78, false, 45);
  desktop.input.key(RETURN, true, 28);
  desktop.input.key(RETURN, false, 28);
  const all = await until(() => {
    const now = existing();
    return now !== before && now?.endsWith('\n') && now;
  }, 'the line');
  assert.equal(all.slice(before.length), 'xxxxx\n');
});

test('the layout changed under us is followed', async () => {
  await x(env, 'setxkbmap', 'de');
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(await typeAndRead('zyß@€ああ/'), 'zyß@€ああ/');
  await x(env, 'setxkbmap', 'us');
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(await typeAndRead('zyß@€ああ/'), 'zyß@€ああ/');
});

test('releaseAll leaves no key and no button down', async () => {
  for (const keysym of [0x61, 0xe9, SHIFT_L, 0xffe3, 0xffe9]) desktop.input.key(keysym, true, 0);
  desktop.input.button(1, true);
  desktop.input.button(3, true);
  desktop.input.releaseAll();
  await until(async () => {
    const keys = await watcher.request<Buffer>((client, done) => client.QueryKeymap(done));
    const pointer = await watcher.request<{ keyMask: number }>((client, done) =>
      client.QueryPointer(watcher.root, done as never),
    );
    return keys.every((byte) => byte === 0) && (pointer.keyMask & 0x1fff) === 0;
  }, 'all keys and buttons up');
});

test('the pointer goes where it is told, and nonsense does no harm', async () => {
  desktop.input.movePointer(123, 45);
  await until(async () => (await desktop.pointerPosition()).x === 123, 'the pointer');
  assert.deepEqual(await desktop.pointerPosition(), { x: 123, y: 45 });
  desktop.input.nudgePointer(-23, 5);
  await until(async () => (await desktop.pointerPosition()).x === 100, 'the pointer');
  desktop.input.movePointer(1e9, Number.NaN);
  desktop.input.nudgePointer(Number.POSITIVE_INFINITY, -1e9);
  desktop.input.button(99, true);
  desktop.input.button(0, true);
  desktop.input.movePointer(7, 8);
  await until(async () => (await desktop.pointerPosition()).y === 8, 'the pointer');
});

test("the pointer's picture is told when it changes", async () => {
  desktop.input.movePointer(600, 470);
  await until(() => desktop.cursor, 'a first picture');
  // A program may change its mind: the picture that counts is the last one told.
  const told: CursorImage[] = [];
  desktop.on('cursor', (image) => told.push(image));
  desktop.input.movePointer(100, 100);
  await until(() => told.length > 0, 'another picture');
  const image = told.at(-1)!;
  assert.equal(desktop.cursor, image);
  assert.equal(image.pixels.length, image.width * image.height * 4);
  assert.ok(image.pixels.some((byte) => byte !== 0));
});
