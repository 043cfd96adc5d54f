import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Render } from 'x11';
import type { Desktop } from '../../src/desktop/desktop.ts';
import { Clipboard } from '../../src/desktop/x11/clipboard/clipboard.ts';
import { AT_ONCE_BYTES } from '../../src/desktop/x11/clipboard/selection-transfers.ts';
import { extension, type XConnection } from '../../src/desktop/x11/wire/connection.ts';
import { textContent } from '../../src/protocol/clipboard-content.ts';
import { bareDesktop, connectTo, until } from './support.ts';

const SELECTION_NOTIFY = 31;
const SELECTION_REQUEST = 30;
const APPEND = 2;

let desktop: Desktop;
let env: NodeJS.ProcessEnv;
let program: XConnection;

before(async () => {
  ({ desktop, env } = await bareDesktop());
  program = await connectTo(env);
});
after(async () => {
  await program.close();
  await desktop.close();
});

/** Returns a function by which the program asks for the text of the clipboard, once. */
async function asker(): Promise<() => void> {
  const { client, root } = program;
  const window = client.AllocID();
  client.CreateWindow(window, root, 0, 0, 1, 1, 0, 0, 2, 0, {});
  const names = ['CLIPBOARD', 'UTF8_STRING', 'ANSWER'];
  const [selection, target, property] = await Promise.all(names.map((name) => program.atom(name)));
  return () => client.ConvertSelection(window, selection!, target!, property!, 0);
}

test('a program that grabs the X server and asks for the clipboard over and over does not fill our memory', async () => {
  const requests = 200;
  const ours = await connectTo(env);
  const clipboard = await Clipboard.open(ours, { changed: () => {}, lost: () => {} });
  await clipboard.set(textContent('x'.repeat(90_000)));
  let heard = 0;
  let answered = 0;
  ours.onEvent(({ type }) => {
    if (type === SELECTION_REQUEST) heard++;
  });
  program.onEvent(({ type }) => {
    if (type === SELECTION_NOTIFY) answered++;
  });
  const ask = await asker();
  program.client.GrabServer();
  for (let i = 0; i < requests; i++) ask();
  await program.sync();
  await until(() => ours.isBackedUp, 'answers that wait for the X server');
  // What is read meanwhile would be answered meanwhile.
  for (let before = -1; before !== heard; ) {
    before = heard;
    await sleep(200);
  }
  assert.ok(heard < 100, `${heard} requests of 90 KB are answered`);
  program.client.UngrabServer();
  await until(() => answered === requests, 'all answers');
  clipboard.close();
  await ours.close();
});

test('a program that asks for the clipboard 2,000 times at once gets a bounded number of bytes, and the next one pastes', async () => {
  const requests = 2000;
  const bytes = 90_000;
  const ours = await connectTo(env);
  const clipboard = await Clipboard.open(ours, { changed: () => {}, lost: () => {} });
  await clipboard.set(textContent('x'.repeat(bytes)));
  let given = 0;
  let refused = 0;
  program.onEvent(({ type, property }) => {
    if (type !== SELECTION_NOTIFY) return;
    if (property === 0) refused++;
    else given++;
  });
  const ask = await asker();
  const startMs = performance.now();
  for (let i = 0; i < requests; i++) ask();
  await until(() => given + refused === requests, 'all answers');
  const seconds = (performance.now() - startMs) / 1000;
  const { burst, perSecond } = AT_ONCE_BYTES;
  assert.ok(given * bytes <= burst + perSecond * seconds, `${given} of ${requests} in ${seconds} s`);
  assert.ok(refused > 0 && given >= Math.floor(burst / bytes), `${given} were given`);
  const before = given;
  await until(() => {
    ask();
    return given > before;
  }, 'a further paste');
  clipboard.close();
  await ours.close();
});

test('of a cursor of thousands of pixels, the part around its hot spot is shown', async () => {
  const render = await extension<Render>('RENDER', (done) => program.client.require('render', done));
  const { client, root } = program;
  const [pixmap, picture, cursor] = [client.AllocID(), client.AllocID(), client.AllocID()];
  client.CreatePixmap(pixmap, root, 32, 1500, 1200);
  render.CreatePicture(picture, pixmap, render.rgba32, {});
  render.FillRectangles(1, picture, [0, 0, 0, 1], [0, 0, 1500, 1200]);
  render.FillRectangles(1, picture, [1, 1, 1, 1], [700, 600, 1, 1]);
  render.CreateCursor(cursor, picture, 700, 600);
  const told = once(desktop, 'cursor');
  client.ChangeWindowAttributes(root, { cursor });
  await told;
  const { width, height, hotX, hotY, pixels } = desktop.cursor!;
  assert.deepEqual([width, height, hotX, hotY], [256, 256, 128, 128]);
  assert.equal(pixels[(hotY * width + hotX) * 4], 255);
  assert.equal(pixels[0], 0);
  client.ChangeWindowAttributes(root, { cursor: 0 });
});

test('resources that fit into no request are left as they are, and input goes on', async () => {
  const { RESOURCE_MANAGER, STRING } = program.client.atoms as Record<string, number>;
  const part = Buffer.from(`${'a'.repeat(99)}: b\n`.repeat(1000));
  const { client, root } = program;
  const read = () =>
    program.request<{ data: Buffer; bytesAfter: number }>((own, done) =>
      own.GetProperty(0, root, RESOURCE_MANAGER!, STRING!, 0, 10, done),
    );
  for (let i = 0; i < 3; i++) client.ChangeProperty(APPEND, root, RESOURCE_MANAGER!, STRING!, 8, part);
  const { bytesAfter } = await read();
  await desktop.resize({ width: 800, height: 600, scalePercent: 200 });
  assert.equal((await read()).bytesAfter, bytesAfter);
  await desktop.pointerPosition();
});
