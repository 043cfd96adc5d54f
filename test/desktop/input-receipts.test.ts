// Which requests of a program tell that it has handled its input.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Desktop } from '../../src/desktop/desktop.ts';
import { InputReceipts } from '../../src/desktop/x11/input/input-receipts.ts';
import type { XConnection } from '../../src/desktop/x11/wire/connection.ts';
import { Xkb } from '../../src/desktop/x11/wire/xkb.ts';
import { bareDesktop, connectTo } from './support.ts';

const KEY_RELEASE = 3;
const CLIENT_MESSAGE = 33;

/** Milliseconds between two bursts of a program's requests. */
const BURST_MS = 20;

/** Keycodes that mean nothing. */
const UNUSED = [8, 93];

let desktop: Desktop;
let env: NodeJS.ProcessEnv;
let asking: XConnection;
let receipts: InputReceipts;
/** Open until the end: the X server would give the ids of one to the next, and answers are remembered by these. */
const programs: XConnection[] = [];

before(async () => {
  ({ desktop, env } = await bareDesktop());
  asking = await connectTo(env);
  const { opcode } = await Xkb.open(asking);
  receipts = await InputReceipts.open(asking, await connectTo(env), opcode, UNUSED);
});
after(async () => {
  for (const program of programs) await program.close();
  await receipts.close();
  await asking.close();
  await desktop.close();
});

/** A program with the focus, and its window. */
async function openProgram(): Promise<{ program: XConnection; window: number }> {
  const program = await connectTo(env);
  programs.push(program);
  const window = program.client.AllocID();
  program.client.CreateWindow(window, program.root, 0, 0, 9, 9, 0, 0, 1, 0, {});
  program.client.MapWindow(window);
  program.client.SetInputFocus(window, 0);
  await program.sync();
  return { program, window };
}

/** Whether a program is said to have handled its input, which reads keycodes twice in a row, again and again. */
async function isHandled(program: XConnection, first: number, count: number): Promise<boolean> {
  const bursts = setInterval(() => {
    for (let i = 0; i < 2; i++) program.client.GetKeyboardMapping(first, count, () => undefined);
  }, BURST_MS);
  try {
    return await receipts.handled();
  } finally {
    clearInterval(bursts);
  }
}

test('a program that reads the whole keymap twice in a row has handled its input', async () => {
  const { program } = await openProgram();
  assert.equal(await isHandled(program, 8, 248), true);
});

test('a program that reads single keycodes, as Java does for each key event, may not have handled its input', async () => {
  const { program } = await openProgram();
  assert.equal(await isHandled(program, 38, 1), false);
});

test('a program that looks up each key, as Java does, has handled its input once it looks up a key that means nothing', async () => {
  const { program, window } = await openProgram();
  program.client.GetKeyboardMapping(38, 1, () => undefined);
  await program.sync();
  const asked: number[] = [];
  program.onEvent((event) => {
    if (event.type !== KEY_RELEASE || event.wid !== window) return;
    const keycode = event.keycode as number;
    asked.push(keycode);
    program.client.GetKeyboardMapping(keycode, 1, () => undefined);
  });
  assert.equal(await receipts.handled(), true);
  assert.equal(await receipts.handled(), true);
  assert.deepEqual(asked.toSorted(), [...UNUSED].toSorted());
});

test('a program whose input method has a key event has not handled its input until it gets that back', async () => {
  const method = await openProgram();
  const { program, window } = await openProgram();
  const xim = await program.atom('_XIM_PROTOCOL');
  const say = async (from: XConnection, to: number): Promise<void> => {
    const event = Buffer.alloc(32);
    event.writeUInt8(CLIENT_MESSAGE, 0);
    event.writeUInt8(32, 1);
    event.writeUInt32LE(to, 4);
    event.writeUInt32LE(xim, 8);
    from.client.SendEvent(to, 0, 0, event);
    await from.sync();
  };
  await say(program, method.window);
  assert.equal(await isHandled(program, 8, 248), false);
  await say(method.program, window);
  assert.equal(await isHandled(program, 8, 248), true);
});
