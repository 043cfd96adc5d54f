import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { XConnection } from '../../src/desktop/x11/wire/connection.ts';
import type { ClientMessage } from '../../src/protocol/client-messages.ts';
import { FENCE_REQUEST, PSEUDO_WEBP } from '../../src/protocol/constants.ts';
import type { ServerMessage } from '../../src/protocol/server-message-reader.ts';
import { writeClientMessage } from '../../src/protocol/write-client-message.ts';
import { waitForEvent } from '../support/event-wait.ts';
import { startForeignXServer } from '../support/foreign-x-server.ts';
import { least, withSlack } from '../support/limits.ts';
import { residentBytes } from '../support/resident-bytes.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { STANDARD_ENCODINGS, Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';

/** An encoding list of KasmVNC's page, whose pointer messages have a wheel. */
const KASM = [...STANDARD_ENCODINGS, PSEUDO_WEBP];
const SIZE = { width: 640, height: 480 };
const KEY_PRESS = 2;
const BUTTON_PRESS = 4;
const MOTION_NOTIFY = 6;
const KEY_BUTTON_AND_MOTION_MASK = (1 << 0) | (1 << 2) | (1 << 6);
const KEY_A = 0x61;
const SHIFT_L = 0xffe1;
const MIB = 1 << 20;
/** Longest delay of one viewer's input by another viewer, in milliseconds. */
const DELAY_LIMIT_MS = 50;
/** Most bytes by which one viewer may make the server grow. */
const GROWTH_LIMIT_BYTES = 40 * MIB;
const unusual = (n: number): number => 0x0100_4e00 + n;

let xServer: ChildProcess;
let display: string;
let watcher: XConnection;
let server: RunningDeskwire;
const viewers: Viewer[] = [];
/** Button presses that the display has seen, wheel steps included. */
let presses = 0;
/** Keycodes of the key presses that the display has seen, in order. */
let typed: number[] = [];
/** By place of the pointer, in pixels from the left: when the display told of it, since `moveDelayMs` began. */
const seenX = new Map<number, number>();

before(async () => {
  ({ display, child: xServer } = await startForeignXServer(SIZE));
  watcher = await XConnection.open({ display });
  watcher.onEvent((event) => {
    if (event.type === BUTTON_PRESS) presses++;
    if (event.type === KEY_PRESS) typed.push(event.keycode as number);
    if (event.type === MOTION_NOTIFY) seenX.set(event.x as number, performance.now());
  });
  const window = watcher.client.AllocID();
  watcher.client.CreateWindow(window, watcher.root, 0, 0, SIZE.width, SIZE.height, 0, 0, 0, 0, {
    eventMask: KEY_BUTTON_AND_MOTION_MASK,
    overrideRedirect: 1,
  });
  watcher.client.MapWindow(window);
  await watcher.sync();
});
after(async () => {
  await watcher?.close();
  xServer?.kill('SIGKILL');
});
beforeEach(async () => {
  server = await startDeskwire({ flags: ['--display', display] });
});
afterEach(async () => {
  for (const viewer of viewers.splice(0)) viewer.destroy();
  await server.stop();
});

async function look(): Promise<Viewer> {
  const target = { url: server.url, ca: server.ca, user: server.owner };
  const viewer = await Viewer.connectWebSocket(target, { encodings: KASM });
  viewers.push(viewer);
  return viewer;
}

const flood = (count: number, message: (i: number) => ClientMessage): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, i) => writeClientMessage(message(i), 'kasm')));

/** Moves the pointer as a viewer and resolves with the time until the display knows, in milliseconds. */
async function moveDelayMs(viewer: Viewer, x: number): Promise<number> {
  seenX.clear();
  const sinceMs = performance.now();
  viewer.sendPointer(x, 10);
  const seenMs = await waitFor('the pointer to move', () => seenX.get(x), 60_000);
  return seenMs - sinceMs;
}

/** Resolves when the server has handled everything that the viewer has sent. */
async function roundTrip(viewer: Viewer): Promise<void> {
  const payload = Uint8Array.of(1, 2, 3);
  viewer.send({ type: 'fence', flags: FENCE_REQUEST, payload });
  const isAnswer = (message: ServerMessage): boolean =>
    message.type === 'fence' && Buffer.compare(message.payload, payload) === 0;
  await waitForEvent(viewer, 'message', isAnswer, 20_000, []);
}

/** Asserts that the server needs little more memory than `before`, once it has had time to collect garbage. */
async function assertGrownLittle(before: number): Promise<void> {
  const grownBytes = (): number => residentBytes(server.pid) - before;
  await waitFor('the memory to be given back', () => grownBytes() < GROWTH_LIMIT_BYTES).catch(() =>
    assert.fail(`${grownBytes() / MIB} MiB`),
  );
}

const keysDown = async (): Promise<number> => {
  const keys = await watcher.request<Buffer>((client, done) => client.QueryKeymap(done));
  return keys.filter((byte) => byte !== 0).length;
};

const keymap = (): Promise<number[][]> =>
  watcher.request((client, done) => client.GetKeyboardMapping(8, 248, done));

test('a thousand messages with the largest scroll distances cost few X events and delay no viewer', async () => {
  const [noisy, other] = [await look(), await look()];
  await moveDelayMs(noisy, 1);
  const before = residentBytes(server.pid);
  await least(withSlack(DELAY_LIMIT_MS), async (round) => {
    presses = 0;
    const sinceMs = performance.now();
    noisy.sendRaw(
      flood(1000, () => ({ type: 'pointer', buttonMask: 0, x: 5, y: 5, scrollX: 32_767, scrollY: 32_767 })),
    );
    await waitFor('the wheel to turn', () => presses > 0);
    const delayMs = await moveDelayMs(other, 300 + round);
    const tookMs = performance.now() - sinceMs;
    assert.ok(presses < 1000 + tookMs, `${presses} button presses in ${tookMs} ms`);
    return delayMs;
  });
  await assertGrownLittle(before);
});

test('2,000 unusual characters of one viewer delay no other viewer, and end when their viewer leaves', async () => {
  const [writer, other] = [await look(), await look()];
  await moveDelayMs(writer, 1);
  writer.sendRaw(
    flood(4000, (i) => ({ type: 'key', keysym: unusual(i >> 1), down: i % 2 === 0, keycode: 0 })),
  );
  writer.sendPointer(77, 10);
  let x = 100;
  /** The longest delay of that many moves. */
  const longestDelayMs = async (moves: number): Promise<number> => {
    let longestMs = 0;
    for (let i = 0; i < moves; i++) longestMs = Math.max(longestMs, await moveDelayMs(other, x++));
    return longestMs;
  };
  await least(withSlack(DELAY_LIMIT_MS), () => longestDelayMs(10));
  const lastTyped = async (): Promise<number | undefined> => {
    const lent = (await keymap()).flat().filter((keysym) => keysym >= unusual(0) && keysym < unusual(2000));
    return lent.length === 0 ? undefined : Math.max(...lent);
  };
  const whenItLeft = await waitFor('its first character', lastTyped);
  writer.sendKey(KEY_A, true);
  writer.destroy();
  const sinceMs = performance.now();
  // A viewer that leaves is noticed as its connection closes. It types 50 of these characters a second.
  await waitFor('its keys to be up', async () => (await keysDown()) === 0);
  const last = (await lastTyped())!;
  assert.ok(last < whenItLeft + 500, `still typing after ${performance.now() - sinceMs} ms`);
  await least(withSlack(DELAY_LIMIT_MS), () => longestDelayMs(1));
  // Another text needs every spare keycode, and so the time after which the first writer would get new ones.
  other.typeKeys(...Array.from({ length: 150 }, (_, i) => unusual(2500 + i)));
  await waitFor('the other text', async () => (await keymap()).flat().includes(unusual(2649)));
  assert.ok(((await lastTyped()) ?? 0) <= last);
});

test('the server keeps little input for an X server that does not answer, and later sends the newest place', async () => {
  const [noisy, other] = [await look(), await look()];
  await moveDelayMs(noisy, 1);
  const before = residentBytes(server.pid);
  xServer.kill('SIGSTOP');
  try {
    for (let round = 0; round < 20; round++) {
      noisy.sendRaw(
        flood(5000, (i) =>
          i % 2 === 0
            ? { type: 'pointer', buttonMask: i & 0x1ff, x: i % 600, y: 5, scrollX: 32_767, scrollY: 0 }
            : { type: 'key', keysym: KEY_A + (i % 26), down: i % 4 === 1, keycode: 0 },
        ),
      );
      // The noisy viewer has to wait once its queue is full, and no other one.
      await roundTrip(other);
    }
    other.sendPointer(432, 10);
    await roundTrip(other);
    await assertGrownLittle(before);
  } finally {
    xServer.kill('SIGCONT');
  }
  noisy.destroy();
  await waitFor('the keys to be up', async () => (await keysDown()) === 0, 20_000);
  await moveDelayMs(other, 433);
});

test('a viewer that types 6,000 characters while the X server hangs waits, and loses none', async () => {
  const [writer, other] = [await look(), await look()];
  await moveDelayMs(writer, 1);
  typed = [];
  xServer.kill('SIGSTOP');
  try {
    writer.sendRaw(
      flood(12_000, (i) => ({ type: 'key', keysym: KEY_A + ((i >> 1) % 3), down: i % 2 === 0, keycode: 0 })),
    );
    await roundTrip(other);
  } finally {
    xServer.kill('SIGCONT');
  }
  await waitFor('all characters', () => typed.length >= 6000, 60_000).catch(() => undefined);
  assert.equal(typed.length, 6000);
  assert.ok(typed.every((keycode, i) => keycode === typed[i % 3]));
  await roundTrip(writer);
});

test('a server that ends while a key waits for its keycode releases all keys and gives keycodes back', async () => {
  const original = await keymap();
  const viewer = await look();
  await moveDelayMs(viewer, 1);
  viewer.typeKeys(unusual(0));
  await waitFor('a lent keycode', async () => (await keymap()).flat().includes(unusual(0)));
  // Two batches of characters: the second one waits, and so does what is released behind it.
  viewer.sendKey(KEY_A, true);
  viewer.sendKey(SHIFT_L, true);
  viewer.sendPointer(2, 10, 1);
  viewer.typeKeys(...Array.from({ length: 300 }, (_, i) => unusual(i)));
  viewer.sendKey(KEY_A, false);
  await waitFor('the keys to be down', async () => (await keysDown()) > 0);
  assert.equal(await server.stop(), 0);
  assert.equal(await keysDown(), 0);
  const pointer = await watcher.request<{ keyMask: number }>((client, done) =>
    client.QueryPointer(watcher.root, done as never),
  );
  assert.equal(pointer.keyMask & 0x1fff, 0);
  assert.deepEqual(await keymap(), original);
});
