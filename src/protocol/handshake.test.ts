import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteQueue } from './byte-queue.ts';
import { ClientHandshake, ServerHandshake } from './handshake.ts';
import { SERVER_PIXEL_FORMAT } from './pixel-format.ts';
import { concat, hex } from './split.test-support.ts';

const DESKTOP = { width: 1920, height: 1080, name: 'd\u00e9sk' };
const SERVER_INIT = hex("0780 0438 20180001 00ff00ff00ff 100800 000000 00000005 'd' c3a9 'sk'");

const server = (): ServerHandshake => new ServerHandshake(() => DESKTOP);

/** Feeds `bytes` one by one and returns everything that came back. */
function feed(
  handshake: ServerHandshake | ClientHandshake,
  bytes: Uint8Array,
): { sent: Uint8Array; doneAt: number | undefined } {
  const queue = new ByteQueue();
  const sent: Uint8Array[] = [];
  for (const [i, byte] of bytes.entries()) {
    queue.push(Uint8Array.of(byte));
    const { send, done } = handshake.advance(queue);
    sent.push(...send);
    if (done) return { sent: concat(...sent), doneAt: i };
  }
  return { sent: concat(...sent), doneAt: undefined };
}

test('the server greets with RFB 3.8 and offers security type None', () => {
  assert.deepEqual(server().greeting(), hex("'RFB 003.008' 0a"));
  const { sent, doneAt } = feed(server(), hex("'RFB 003.008' 0a 01 01"));
  assert.deepEqual(sent, concat(hex('01 01 00000000'), SERVER_INIT));
  assert.equal(doneAt, 13);
});

test('viewers of RFB 3.7 get no SecurityResult, viewers of 3.3 no choice', () => {
  assert.deepEqual(feed(server(), hex("'RFB 003.007' 0a 01 00")).sent, concat(hex('01 01'), SERVER_INIT));
  for (const version of ['003', '005']) {
    const { sent } = feed(server(), hex(`'RFB 003.${version}' 0a 01`));
    assert.deepEqual(sent, concat(hex('00000001'), SERVER_INIT));
  }
  assert.deepEqual(
    feed(server(), hex("'RFB 003.889' 0a 01 01")).sent,
    concat(hex('01 01 00000000'), SERVER_INIT),
  );
});

test('bytes behind the handshake stay in the queue', () => {
  const queue = new ByteQueue();
  queue.push(hex("'RFB 003.008' 0a 01 01 02 00"));
  const handshake = server();
  assert.equal(handshake.advance(queue).done, true);
  assert.deepEqual([...queue.take()], [2, 0]);
});

test('ServerInit has the desktop’s size at the moment when it is written', () => {
  let width = 800;
  const handshake = new ServerHandshake(() => ({ width, height: 600, name: '' }));
  const queue = new ByteQueue();
  queue.push(hex("'RFB 003.008' 0a 01"));
  handshake.advance(queue);
  width = 1024;
  queue.push(hex('01'));
  assert.deepEqual([...handshake.advance(queue).send[0]!.subarray(0, 2)], [0x04, 0x00]);
});

test('the server refuses a security type that it did not offer and an unknown version', () => {
  assert.throws(() => feed(server(), hex("'RFB 003.008' 0a 02")), { code: 'RFB_BAD_SECURITY_TYPE' });
  assert.throws(() => feed(server(), hex("'GET / HTTP/1'")), { code: 'RFB_BAD_VERSION' });
  assert.throws(() => feed(server(), hex("'RFB 004.001' 0a")), { code: 'RFB_BAD_VERSION' });
});

const INIT = { ...DESKTOP, format: SERVER_PIXEL_FORMAT };

for (const [version, offer] of [
  ['008', '03 02 01 13 00000000'],
  ['007', '01 01'],
  ['003', '00000001'],
] as const) {
  test(`a viewer comes through with a server of 3.${Number(version)}`, () => {
    const bytes = concat(hex(`'RFB 003.${version}' 0a ${offer}`), SERVER_INIT);
    const { sent, doneAt } = feed(new ClientHandshake(), bytes);
    const chosen = version === '003' ? '' : '01';
    assert.deepEqual(sent, hex(`'RFB 003.${version}' 0a ${chosen} 01`));
    assert.equal(doneAt, bytes.length - 1);

    const queue = new ByteQueue();
    queue.push(concat(bytes, hex('02')));
    assert.deepEqual(new ClientHandshake().advance(queue).init, INIT);
    assert.equal(queue.length, 1);
  });
}

test('a viewer that foresees the offer of a server of 3.8 sends its part at once, and checks the offer', () => {
  const ahead = () => new ClientHandshake({ foreseesNone: true });
  const queue = new ByteQueue();
  const handshake = ahead();
  queue.push(hex("'RFB 003.008' 0a"));
  assert.deepEqual(concat(...handshake.advance(queue).send), hex("'RFB 003.008' 0a 01 01"));
  queue.push(concat(hex('03 02 01 13 00000000'), SERVER_INIT));
  assert.deepEqual(handshake.advance(queue), { send: [], done: true, init: INIT });

  const older = concat(hex("'RFB 003.007' 0a 01 01"), SERVER_INIT);
  assert.deepEqual(feed(ahead(), older).sent, hex("'RFB 003.007' 0a 01 01"));
  for (const [bytes, code] of [
    ["'RFB 003.008' 0a 01 02", 'RFB_BAD_SECURITY_TYPE'],
    ["'RFB 003.008' 0a 00 00000008 'too many'", 'RFB_REFUSED'],
  ] as const)
    assert.throws(() => feed(ahead(), hex(bytes)), { code });
});

test('a server takes all of a viewer’s part at once', () => {
  assert.deepEqual(feed(server(), hex("'RFB 003.008' 0a 01 01")).doneAt, 13);
});

test('a viewer reports why the server refused it', () => {
  const refused = (bytes: string): void => {
    assert.throws(() => feed(new ClientHandshake(), hex(bytes)), {
      code: 'RFB_REFUSED',
      message: /too many$/,
    });
  };
  refused("'RFB 003.008' 0a 00 00000008 'too many'");
  refused("'RFB 003.003' 0a 00000000 00000008 'too many'");
  refused("'RFB 003.008' 0a 01 01 00000001 00000008 'too many'");
});

test('a viewer refuses servers that it does not support', () => {
  const client = (bytes: string): void => void feed(new ClientHandshake(), hex(bytes));
  assert.throws(() => client("'RFB 003.008' 0a 01 02"), { code: 'RFB_BAD_SECURITY_TYPE' });
  assert.throws(() => client("'RFB 003.003' 0a 00000002"), { code: 'RFB_BAD_SECURITY_TYPE' });
  assert.throws(() => client("'RFB 003.008' 0a 00 ffffffff"), { code: 'RFB_MESSAGE_TOO_LARGE' });
});

test('server and viewer complete the handshake with each other', () => {
  const [toServer, toClient] = [new ByteQueue(), new ByteQueue()];
  const [serving, viewing] = [server(), new ClientHandshake()];
  toClient.push(serving.greeting());
  for (let round = 0; round < 5; round++) {
    const viewer = viewing.advance(toClient);
    for (const bytes of viewer.send) toServer.push(bytes);
    if (viewer.done) {
      assert.deepEqual(viewer.init, INIT);
      return;
    }
    for (const bytes of serving.advance(toServer).send) toClient.push(bytes);
  }
  assert.fail('The handshake did not end.');
});
