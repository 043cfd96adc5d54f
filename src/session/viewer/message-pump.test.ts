import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { waitFor } from '../../../test/support/wait-for.ts';
import type { ClientMessage } from '../../protocol/client-messages.ts';
import { RfbError } from '../../protocol/errors.ts';
import { ServerHandshake } from '../../protocol/handshake.ts';
import { writeClientMessage } from '../../protocol/write-client-message.ts';
import { MessagePump } from './message-pump.ts';
import { MessageTurns, PAUSE_MS, TURN_MS } from './message-turns.ts';

const HANDSHAKE = Uint8Array.of(...Buffer.from('RFB 003.008\n'), 1, 1);
const key = (keysym: number): Uint8Array =>
  writeClientMessage({ type: 'key', keysym, down: true, keycode: 0 }, 'standard');

/** Turns of the event loop that the test runs itself, with a clock of their own. */
function createTurns() {
  const callbacks: (() => void)[] = [];
  const timers: (() => void)[] = [];
  const time = { nowMs: 0 };
  const turns = new MessageTurns({
    now: () => time.nowMs,
    nextTurn: (callback) => callbacks.push(callback),
    after: (ms, callback) => {
      assert.equal(ms, PAUSE_MS);
      timers.push(callback);
    },
  });
  const turn = (): void => {
    for (const callback of callbacks.splice(0)) callback();
    for (const callback of timers.splice(0)) callback();
  };
  return { turns, time, turn };
}

/** A pump that handles keys with odd keysyms until the test settles them, and other keys in `keyMs`. */
function create({ keyMs = 0, mayWrite = true, shared = createTurns() } = {}) {
  const handled: number[] = [];
  const rights = { mayWrite };
  const refused: string[] = [];
  const pauses: boolean[] = [];
  const slow: { resolve(): void; reject(error: Error): void }[] = [];
  const pump = new MessagePump({
    handshake: new ServerHandshake(() => ({ width: 1, height: 1, name: '' })),
    turns: shared.turns,
    now: () => shared.time.nowMs,
    send: () => undefined,
    shaken: () => undefined,
    mayWrite: () => rights.mayWrite,
    mayKeep: () => true,
    handled: () => undefined,
    handle: (message: ClientMessage) => {
      if (message.type === 'extendedClipboard') return undefined;
      assert.ok(message.type === 'key');
      handled.push(message.keysym);
      shared.time.nowMs += keyMs;
      if (message.keysym % 2 === 0) return undefined;
      return new Promise<void>((resolve, reject) => slow.push({ resolve, reject }));
    },
    refused: (error) => refused.push(error.code),
    pauseReading: (isPaused) => pauses.push(isPaused),
  });
  return { pump, handled, refused, slow, pauses, rights, turn: shared.turn };
}

/** Bytes in buffers that are in use. */
function keptBytes(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().arrayBuffers;
}

test('messages behind the handshake are handled in order, wherever they are split', () => {
  const bytes = Buffer.concat([HANDSHAKE, key(2), key(4), key(6)]);
  for (let at = 0; at <= bytes.length; at++) {
    const { pump, handled } = create();
    pump.push(bytes.subarray(0, at));
    pump.push(bytes.subarray(at));
    assert.equal(pump.hasShakenHands, true);
    assert.deepEqual(handled, [2, 4, 6], `split at ${at}`);
  }
});

test('of a clipboard that a viewer may no longer send, what has arrived is freed at once', async () => {
  const { pump, rights, handled } = create();
  const mib = 1 << 20;
  const head = Buffer.from([6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeInt32BE(-16 * mib, 4);
  const keptBefore = keptBytes();
  pump.push(Buffer.concat([HANDSHAKE, head]));
  for (let i = 0; i < 12; i++) pump.push(new Uint8Array(mib));
  // Meanwhile V8 may have freed a little of what was there before.
  assert.ok(keptBytes() - keptBefore >= 11 * mib);
  rights.mayWrite = false;
  pump.rightsChanged();
  // V8 frees buffers on a thread of its own.
  await waitFor('the clipboard to be freed', () => keptBytes() - keptBefore < mib);
  pump.push(new Uint8Array(4 * mib - 4));
  pump.push(key(2));
  assert.deepEqual(handled, [2]);
});

test('messages wait for an earlier one that takes a while, and meanwhile nothing is read', async () => {
  const { pump, handled, slow, pauses } = create();
  pump.push(Buffer.concat([HANDSHAKE, key(2), key(3), key(4)]));
  pump.push(key(5));
  pump.push(key(6));
  await setImmediate();
  assert.deepEqual(handled, [2, 3]);
  slow[0]!.resolve();
  await setImmediate();
  assert.deepEqual(handled, [2, 3, 4, 5]);
  slow[1]!.resolve();
  await setImmediate();
  assert.deepEqual(handled, [2, 3, 4, 5, 6]);
  assert.deepEqual(pauses, [true, false]);
});

test('no message is handled after one that is refused late, nor after the end of the connection', async () => {
  for (const end of ['refuse', 'close'] as const) {
    const { pump, handled, refused, slow } = create();
    pump.push(Buffer.concat([HANDSHAKE, key(3), key(4)]));
    if (end === 'refuse') {
      slow[0]!.reject(new RfbError('RFB_MALFORMED'));
    } else {
      pump.close();
      slow[0]!.resolve();
    }
    await setImmediate();
    pump.push(key(6));
    assert.deepEqual(handled, [3]);
    assert.deepEqual(refused, end === 'refuse' ? ['RFB_MALFORMED'] : []);
  }
});

test('the bytes that wait to be handled have a limit', () => {
  const { pump, refused } = create();
  pump.push(Buffer.concat([HANDSHAKE, key(3)]));
  const portion = new Uint8Array(1 << 20);
  for (let i = 0; i < 40 && refused.length === 0; i++) pump.push(portion);
  assert.deepEqual(refused, ['RFB_MESSAGE_TOO_LARGE']);
});

test('handling stops at the end of a turn’s time, continues in the next turn, and reads nothing meanwhile', () => {
  const { pump, handled, pauses, turn } = create({ keyMs: TURN_MS / 4 });
  pump.push(Buffer.concat([HANDSHAKE, ...Array.from({ length: 10 }, () => key(2))]));
  assert.equal(handled.length, 4);
  assert.deepEqual(pauses, [true]);
  pump.push(key(4));
  assert.equal(handled.length, 4);
  turn();
  assert.equal(handled.length, 8);
  turn();
  assert.deepEqual(handled, [...Array(10).fill(2), 4]);
  assert.deepEqual(pauses, [true, false]);
});

test('the message of a quiet viewer is handled before the rest of floods, which share the time evenly', () => {
  const shared = createTurns();
  const flooding = [1, 2, 3].map(() => create({ keyMs: TURN_MS / 8, shared }));
  const flood = Buffer.concat([HANDSHAKE, ...Array.from({ length: 1000 }, () => key(2))]);
  for (const { pump } of flooding) pump.push(flood);
  const quiet = create({ shared });
  quiet.pump.push(Buffer.concat([HANDSHAKE, key(4)]));
  assert.deepEqual(quiet.handled, []);
  shared.turn();
  assert.deepEqual(quiet.handled, [4]);
  const counts = flooding.map(({ handled }) => handled.length);
  for (let i = 0; i < 30; i++) shared.turn();
  const grown = flooding.map(({ handled }, i) => handled.length - counts[i]!);
  assert.ok(Math.max(...grown) - Math.min(...grown) <= 2, String(grown));
});

test('what the carrier reads without messages for the pump pauses reading too', () => {
  const { pump, pauses } = create({ mayWrite: false });
  // A chunk of pings without contents.
  for (let i = 0; i < 2; i++) pump.read(16_384, 2730);
  assert.deepEqual(pauses, [true]);
  pump.close();
});

test('the right to write ends a pause for the rate of a viewer that may not', () => {
  const { pump, pauses, rights } = create({ mayWrite: false });
  pump.read(1 << 20, 1);
  assert.deepEqual(pauses, [true]);
  rights.mayWrite = true;
  pump.rightsChanged();
  assert.deepEqual(pauses, [true, false]);
  pump.close();
});

test('a closed pump handles no message in later turns, and lets its socket be read', () => {
  const { pump, handled, pauses, turn } = create({ keyMs: TURN_MS / 2 });
  pump.push(Buffer.concat([HANDSHAKE, key(2), key(2), key(2)]));
  pump.close();
  turn();
  assert.deepEqual(handled, [2, 2]);
  assert.deepEqual(pauses, [true, false]);
});
