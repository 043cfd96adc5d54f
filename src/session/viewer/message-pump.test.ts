import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { ClientMessage } from '../../protocol/client-messages.ts';
import { RfbError } from '../../protocol/errors.ts';
import { ServerHandshake } from '../../protocol/handshake.ts';
import { writeClientMessage } from '../../protocol/write-client-message.ts';
import { MessagePump } from './message-pump.ts';

const HANDSHAKE = Uint8Array.of(...Buffer.from('RFB 003.008\n'), 1, 1);
const key = (keysym: number): Uint8Array =>
  writeClientMessage({ type: 'key', keysym, down: true, keycode: 0 }, 'standard');

/** A pump whose keys with odd keysyms take until they are settled. */
function create() {
  const handled: number[] = [];
  const refused: string[] = [];
  const slow: { resolve(): void; reject(error: Error): void }[] = [];
  const pump = new MessagePump({
    handshake: new ServerHandshake(() => ({ width: 1, height: 1, name: '' })),
    send: () => undefined,
    shaken: () => undefined,
    handle: (message: ClientMessage) => {
      assert.ok(message.type === 'key');
      handled.push(message.keysym);
      if (message.keysym % 2 === 0) return undefined;
      return new Promise<void>((resolve, reject) => slow.push({ resolve, reject }));
    },
    refused: (error) => refused.push(error.code),
  });
  return { pump, handled, refused, slow };
}

test('messages come in order, split anywhere, right behind the handshake', () => {
  const bytes = Buffer.concat([HANDSHAKE, key(2), key(4), key(6)]);
  for (let at = 0; at <= bytes.length; at++) {
    const { pump, handled } = create();
    pump.push(bytes.subarray(0, at));
    pump.push(bytes.subarray(at));
    assert.equal(pump.hasShakenHands, true);
    assert.deepEqual(handled, [2, 4, 6], `split at ${at}`);
  }
});

test('what comes behind a message that takes a while waits for it, whenever it comes', async () => {
  const { pump, handled, slow } = create();
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
});

test('no message is handled behind one that is refused late, nor after the end', async () => {
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

test('what waits has its limit', () => {
  const { pump, refused } = create();
  pump.push(Buffer.concat([HANDSHAKE, key(3)]));
  const portion = new Uint8Array(1 << 20);
  for (let i = 0; i < 40 && refused.length === 0; i++) pump.push(portion);
  assert.deepEqual(refused, ['RFB_MESSAGE_TOO_LARGE']);
});
