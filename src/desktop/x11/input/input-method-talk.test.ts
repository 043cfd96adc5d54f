import assert from 'node:assert/strict';
import { preparedTest } from '../../../../test/support/prepared-test.ts';
import { InputMethodTalk } from './input-method-talk.ts';

const [PROTOCOL, MORE_DATA] = [400, 401];
const RESOURCES = 0x1f_ffff;
const [XTERM, IBUS] = [0x60_0000, 0x80_0000];
const FORWARD_EVENT = 60;
const SYNC_REPLY = 62;

let talk: InputMethodTalk;
const test = preparedTest(() => {
  talk = new InputMethodTalk(PROTOCOL, MORE_DATA, RESOURCES);
});

function says(from: number, to: number, format: 8 | 32, opcode: number, type = PROTOCOL): void {
  const event = Buffer.alloc(32);
  event.writeUInt8(33, 0);
  event.writeUInt8(format, 1);
  event.writeUInt32LE(to + 5, 4);
  event.writeUInt32LE(type, 8);
  event.writeUInt8(opcode, 12);
  talk.heard(from, to + 5, event);
}

for (const [how, format, opcode, type] of [
  ['in a property', 32, 44, PROTOCOL],
  ['in one message', 8, FORWARD_EVENT, PROTOCOL],
  ['in several messages', 8, 7, MORE_DATA],
] as const) {
  test(`a program that gave its input method a key event ${how} waits for it until that has answered`, () => {
    says(XTERM, IBUS, format, opcode, type);
    assert.equal(talk.isAsking(XTERM), true);
    assert.equal(talk.isAsking(IBUS), false);
    says(IBUS, XTERM, 32, 44);
    assert.equal(talk.isAsking(XTERM), false);
    assert.equal(talk.messages(XTERM), 2);
  });
}

test('a program that has told its input method something short does not wait for it', () => {
  says(XTERM, IBUS, 8, SYNC_REPLY);
  assert.equal(talk.isAsking(XTERM), false);
  assert.equal(talk.messages(XTERM), 1);
});

test('messages between programs that are about something else do not count', () => {
  says(XTERM, IBUS, 32, 44, 99);
  assert.equal(talk.isAsking(XTERM), false);
  assert.equal(talk.messages(XTERM), 0);
});

test('key events that a program gives to its input method and gets back are counted, and no other message', () => {
  says(XTERM, IBUS, 8, SYNC_REPLY);
  says(XTERM, IBUS, 32, 24);
  assert.deepEqual(talk.keys().get(XTERM), { given: 0, returned: 0 });
  says(XTERM, IBUS, 8, FORWARD_EVENT);
  says(XTERM, IBUS, 32, 44);
  says(IBUS, XTERM, 32, 44);
  says(IBUS, XTERM, 8, SYNC_REPLY);
  says(IBUS, XTERM, 32, 24);
  assert.deepEqual(talk.keys().get(XTERM), { given: 2, returned: 2 });
});

test('a program that has ended is forgotten', () => {
  assert.equal(talk.hasBegun, false);
  says(XTERM, IBUS, 8, FORWARD_EVENT);
  assert.equal(talk.hasBegun, true);
  for (const program of [XTERM, IBUS]) talk.forget(program);
  assert.equal(talk.hasBegun, false);
});

test('a wait for the input method ends with the message that was waited for, or when it is given up', async () => {
  const limit = new AbortController();
  const answered = talk.until(() => talk.messages(XTERM) === 2, limit.signal);
  const never = talk.until(() => false, limit.signal);
  says(XTERM, IBUS, 8, FORWARD_EVENT);
  says(IBUS, XTERM, 8, FORWARD_EVENT);
  await answered;
  limit.abort();
  await never;
});

test('a program waits for each key that it has given to its input method, until these are written off', () => {
  for (let i = 0; i < 3; i++) says(XTERM, IBUS, 32, 44);
  says(IBUS, XTERM, 32, 44);
  assert.equal(talk.isAsking(XTERM), true);
  talk.writeOff(XTERM);
  says(IBUS, XTERM, 8, SYNC_REPLY);
  assert.equal(talk.isAsking(XTERM), false);
});
