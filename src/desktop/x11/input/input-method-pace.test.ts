import assert from 'node:assert/strict';
import { preparedTest } from '../../../../test/support/prepared-test.ts';
import { InputMethodPace, KEEPS_KEYS_MS, MOST_KEPT } from './input-method-pace.ts';
import { InputMethodTalk } from './input-method-talk.ts';

const XIM = 300;
const MASK = 0xfffff;
/** Programs by their bases of ids, and the input method. */
const [XTERM, OTHER, METHOD] = [0x20_0000, 0x40_0000, 0x60_0000];

const FORWARD_EVENT = 60;
const SYNC_REPLY = 62;

let talk: InputMethodTalk;
let pace: InputMethodPace;
let focus: number;
/** Lets the time of the last wait pass. */
let pass: () => void;

const test = preparedTest(() => {
  talk = new InputMethodTalk(XIM, XIM + 1, MASK);
  focus = XTERM;
  pace = new InputMethodPace(talk, {
    focused: async () => focus,
    wait: (ms) =>
      new Promise((resolve) => {
        assert.equal(ms, KEEPS_KEYS_MS);
        pass = resolve;
      }),
  });
});

function say(from: number, to: number, opcode: number): void {
  const event = Buffer.alloc(32);
  event.writeUInt8(33, 0);
  event.writeUInt8(8, 1);
  event.writeUInt32LE(XIM, 8);
  event.writeUInt8(opcode, 12);
  talk.heard(from, to + 1, event);
}
const give = (): void => say(XTERM, METHOD, FORWARD_EVENT);
const giveBack = (): void => say(METHOD, XTERM, FORWARD_EVENT);

/** Whether something has been waited for until now. */
async function isOver(waiting: Promise<void> | undefined): Promise<boolean> {
  let isOver = waiting === undefined;
  void waiting?.then(() => {
    isOver = true;
  });
  for (let i = 0; i < 20; i++) await Promise.resolve();
  return isOver;
}

test('without an input method no key is waited for', () => {
  pace.sent(true);
  assert.equal(pace.givenBack(), undefined);
});

test('a key is waited for until the input method has given it back', async () => {
  say(XTERM, METHOD, SYNC_REPLY);
  pace.sent(true);
  const waiting = pace.givenBack();
  assert.equal(await isOver(waiting), false);
  give();
  assert.equal(await isOver(waiting), false);
  assert.equal(pace.givenBack(), waiting);
  giveBack();
  assert.equal(await isOver(waiting), true);
  assert.equal(pace.givenBack(), undefined);
});

test('a key with modifiers is waited for until all of them have been given back', async () => {
  say(XTERM, METHOD, SYNC_REPLY);
  for (const isDown of [true, true, false]) pace.sent(isDown);
  const waiting = pace.givenBack();
  for (let i = 0; i < 3; i++) give();
  for (let i = 0; i < 2; i++) {
    giveBack();
    assert.equal(await isOver(waiting), false);
  }
  giveBack();
  assert.equal(await isOver(waiting), true);
});

test('a key for a program without an input method is not waited for', async () => {
  say(XTERM, METHOD, SYNC_REPLY);
  focus = OTHER;
  pace.sent(true);
  assert.equal(await isOver(pace.givenBack()), true);
});

test('a key of an input method that has ended is not waited for', async () => {
  say(XTERM, METHOD, SYNC_REPLY);
  talk.forget(METHOD);
  talk.forget(XTERM);
  pace.sent(true);
  assert.equal(pace.givenBack(), undefined);
});

test('an input method that keeps a key delays the next one for a limited time', async () => {
  say(XTERM, METHOD, SYNC_REPLY);
  pace.sent(true);
  const waiting = pace.givenBack();
  await isOver(waiting);
  give();
  pass();
  assert.equal(await isOver(waiting), true);
});

for (const [what, isDown] of [
  ['presses', true],
  ['releases', false],
] as const) {
  test(`${what} that a program does not give to its input method are soon waited for no longer`, async () => {
    say(XTERM, METHOD, SYNC_REPLY);
    for (let i = 0; i < MOST_KEPT; i++) {
      pace.sent(isDown);
      const waiting = pace.givenBack();
      assert.equal(await isOver(waiting), false);
      pass();
      assert.equal(await isOver(waiting), true);
    }
    pace.sent(isDown);
    assert.equal(await isOver(pace.givenBack()), true);
  });
}

test('presses are waited for again once the program gives them to its input method again', async () => {
  say(XTERM, METHOD, SYNC_REPLY);
  for (let i = 0; i < MOST_KEPT; i++) {
    pace.sent(true);
    const waiting = pace.givenBack();
    await isOver(waiting);
    pass();
    await isOver(waiting);
  }
  give();
  giveBack();
  pace.sent(true);
  const waiting = pace.givenBack();
  assert.equal(await isOver(waiting), false);
  give();
  giveBack();
  assert.equal(await isOver(waiting), true);
});
