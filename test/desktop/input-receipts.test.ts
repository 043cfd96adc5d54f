// What tells that programs have handled the taps of spare keycodes.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { Desktop } from '../../src/desktop/desktop.ts';
import { InputReceipts } from '../../src/desktop/x11/input/input-receipts.ts';
import type { XConnection } from '../../src/desktop/x11/wire/connection.ts';
import { Xkb } from '../../src/desktop/x11/wire/xkb.ts';
import { bareDesktop, connectTo, until, x } from './support.ts';

const KEY_RELEASE = 3;
const CLIENT_MESSAGE = 33;
const MAPPING_NOTIFY = 34;
const POINTER_ROOT = 1;
/** Events of a window that window managers get. */
const SUBSTRUCTURE = 0x18_0000;

/** Milliseconds between two bursts of a program's requests. */
const BURST_MS = 20;

/** Keycodes that mean nothing. */
const UNUSED = [8, 93];

/** The time of programs that have never answered is enough on a busy machine. None counts as having handled its taps. */
const LIMITS = { knownMs: 20_000, likelyMs: 2000, unknownMs: 2000, readAfterMs: Number.POSITIVE_INFINITY };

let desktop: Desktop;
let env: NodeJS.ProcessEnv;
let asking: XConnection;
let receipts: InputReceipts;
const programs: XConnection[] = [];

before(async () => {
  ({ desktop, env } = await bareDesktop());
  asking = await connectTo(env);
  const { opcode } = await Xkb.open(asking);
  receipts = await InputReceipts.open(asking, await connectTo(env), {
    xkbOpcode: opcode,
    unused: UNUSED,
    limits: LIMITS,
  });
});
after(async () => {
  await receipts.close();
  await asking.close();
  await desktop.close();
});

interface Opened {
  readonly program: XConnection;
  readonly window: number;
}

/** A program with the focus, in whose window a spare keycode was tapped. */
async function openProgram(): Promise<Opened> {
  const program = await connectTo(env);
  programs.push(program);
  const window = program.client.AllocID();
  program.client.CreateWindow(window, program.root, 0, 0, 9, 9, 0, 0, 1, 0, {});
  program.client.MapWindow(window);
  program.client.SetInputFocus(window, 0);
  await program.sync();
  receipts.tapped();
  return { program, window };
}

const readKeymap = (program: XConnection, first = 8, count = 248): void => {
  for (let i = 0; i < 2; i++) program.client.GetKeyboardMapping(first, count, () => undefined);
};

/** Whether all programs are said to have handled their taps while one reads keycodes twice in a row, again and again. */
async function isHandled(program: XConnection, first?: number, count?: number): Promise<boolean> {
  const bursts = setInterval(() => readKeymap(program, first, count), BURST_MS);
  try {
    return await receipts.handled();
  } finally {
    clearInterval(bursts);
  }
}

/** Lets a program answer whenever it is told that the modifiers have changed, as xterm does. */
function answerAsXterm(program: XConnection): void {
  program.onEvent(({ type }) => {
    if (type === MAPPING_NOTIFY) readKeymap(program);
  });
}

/** Lets a program take pings, which it answers with `pong`. */
async function takePings({ program, window }: Opened, pong: (answer: () => void) => void): Promise<void> {
  const [protocols, ping] = [await program.atom('WM_PROTOCOLS'), await program.atom('_NET_WM_PING')];
  const data = Buffer.alloc(4);
  data.writeUInt32LE(ping);
  program.client.ChangeProperty(0, window, protocols, 4, 32, data);
  program.onEvent(({ type, rawData }) => {
    if (type !== CLIENT_MESSAGE) return;
    const event = Buffer.from(rawData as Buffer);
    event.writeUInt32LE(program.root, 4);
    pong(() => program.client.SendEvent(program.root, 0, SUBSTRUCTURE, event));
  });
  await program.sync();
}

/** Closes the connections of programs, whose ids the next ones get. Resolves when the receipts know the last end. */
async function endPrograms(): Promise<void> {
  await openProgram();
  for (const program of programs.splice(0)) await program.close();
  assert.equal(await receipts.handled(), true);
}
afterEach(endPrograms);

test('a program that reads the whole keymap twice in a row has handled its input', async () => {
  const { program } = await openProgram();
  assert.equal(await isHandled(program), true);
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
  for (let i = 0; i < UNUSED.length; i++) {
    receipts.tapped();
    assert.equal(await receipts.handled(), true);
  }
  assert.deepEqual(asked.toSorted(), [...UNUSED].toSorted());
});

test('a program that takes pings has handled its input once it answers, whatever it reads before', async () => {
  const opened = await openProgram();
  const { program } = opened;
  let pong = false;
  await takePings(opened, (answer) => {
    for (let i = 0; i < 5; i++) readKeymap(program);
    program.client.GetInputFocus(() => {
      pong = true;
      answer();
      return true;
    });
  });
  assert.equal(await receipts.handled(), true);
  assert.equal(pong, true);
});

test('a program that lost the focus is asked, too, until it has handled what was tapped in it', async () => {
  const slow = await openProgram();
  assert.equal(await isHandled(slow.program), true);
  receipts.tapped();
  const { program } = await openProgram();
  const answered = Promise.withResolvers<void>();
  program.onEvent(({ type }) => {
    if (type !== MAPPING_NOTIFY) return;
    readKeymap(program);
    program.client.GetInputFocus(() => {
      answered.resolve();
      return true;
    });
  });
  let isOver = false;
  const handled = receipts.handled().finally(() => {
    isOver = true;
  });
  await answered.promise;
  await asking.sync();
  assert.equal(isOver, false);
  readKeymap(slow.program);
  assert.equal(await handled, true);
});

test('without a window manager, the program under the pointer is asked', async () => {
  const { program } = await openProgram();
  assert.equal(await isHandled(program), true);
  program.client.SetInputFocus(POINTER_ROOT, 0);
  await program.sync();
  await x(env, 'xdotool', 'mousemove', '3', '3');
  receipts.tapped();
  let isAsked = false;
  program.onEvent(({ type }) => {
    if (type !== MAPPING_NOTIFY) return;
    isAsked = true;
    readKeymap(program);
  });
  assert.equal(await receipts.handled(), true);
  assert.equal(isAsked, true);
});

test('nothing is asked of a program in which no spare keycode was tapped since it was asked', async () => {
  const { program } = await openProgram();
  assert.equal(await isHandled(program), true);
  let isAsked = false;
  program.onEvent(({ type }) => {
    if (type === MAPPING_NOTIFY) isAsked = true;
  });
  assert.equal(await receipts.handled(), true);
  await program.sync();
  assert.equal(isAsked, false);
});

test('an answer to an earlier question says nothing of what was tapped after it', async () => {
  const { program } = await openProgram();
  assert.equal(await isHandled(program), true);
  receipts.tapped();
  const first = receipts.handled();
  await asking.sync();
  await asking.sync();
  receipts.tapped();
  let isOver = false;
  const second = receipts.handled().finally(() => {
    isOver = true;
  });
  await asking.sync();
  await asking.sync();
  readKeymap(program);
  assert.equal(await first, true);
  await asking.sync();
  assert.equal(isOver, false);
  readKeymap(program);
  assert.equal(await second, true);
});

test('a program that has closed its window is not waited for', async () => {
  const { program, window } = await openProgram();
  assert.equal(await isHandled(program), true);
  receipts.tapped();
  const handled = receipts.handled();
  await asking.sync();
  program.client.DestroyWindow(window);
  assert.equal(await handled, true);
});

test('a program that has ended is not waited for, and the next one is asked in its own way', async () => {
  const java = await openProgram();
  java.program.client.GetKeyboardMapping(38, 1, () => undefined);
  java.program.onEvent(({ type, keycode }) => {
    if (type === KEY_RELEASE) java.program.client.GetKeyboardMapping(keycode as number, 1, () => undefined);
  });
  assert.equal(await receipts.handled(), true);
  receipts.tapped();
  await endPrograms();
  const { program, window } = await openProgram();
  assert.equal(window, java.window);
  answerAsXterm(program);
  assert.equal(await receipts.handled(), true);
});

test('keycodes with new meanings wait until the program with the focus has answered a ping', async () => {
  const opened = await openProgram();
  const answers: (() => void)[] = [];
  await takePings(opened, (answer) => answers.push(answer));
  let isKnown = false;
  const known = receipts.known().then(() => {
    isKnown = true;
  });
  await until(() => answers.length > 0, 'the ping');
  assert.equal(isKnown, false);
  answers[0]!();
  await known;
});

test('a program whose input method has a key event has not handled its input until it gets that back', async () => {
  const method = await openProgram();
  answerAsXterm(method.program);
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
  assert.equal(await isHandled(program), false);
  await say(method.program, window);
  assert.equal(await isHandled(program), true);
});
