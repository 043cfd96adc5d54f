import assert from 'node:assert/strict';
import { randomBytes as randomKey } from 'node:crypto';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { createDice, type Dice } from '../../bench/scenes/dice.ts';
import { joinBytes } from '../../src/protocol/join-bytes.ts';
import { encodeLatin1 } from '../../src/protocol/text.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { Viewer } from '../support/viewer.ts';
import { caseSeed } from './fuzz-target.ts';
import { mutated, randomBytes } from './mutate.ts';
import { viewerMessage } from './targets/client-messages.ts';

/** Seed of all connections; FUZZ_SEED gives another. */
const SEED = Number(process.env.FUZZ_SEED ?? 1);
/** Connections, by FUZZ_SHARE times as many. One takes some 20 ms. */
const CONNECTIONS = Math.ceil(120 * Number(process.env.FUZZ_SHARE ?? 1));
const MOST_FRAMES = 40;
/** Share of the connections that the server must have ended for their frames, so that these are damaged enough. */
const LEAST_ENDED_SHARE = 0.2;

// Opcodes and bits of frames (RFC 6455 section 5.2).
const FINAL = 0x80;
const MASKED = 0x80;
const CONTINUATION = 0;
const BINARY = 2;
const CONTROL = [8, 9, 10];
const MOST_SHORT = 125;
const LENGTH_OF_2_BYTES = 126;

let server: RunningDeskwire;
let bystander: Viewer;

before(async () => {
  server = await startDeskwire({
    flags: ['--size', '320x240', '--run', 'true', '--max-connect-rate', '100000'],
  });
  const { url, ca, owner } = server;
  bystander = await Viewer.connectWebSocket({ url, ca, user: owner }, { decode: false, updates: 'none' });
});
after(async () => {
  bystander?.destroy();
  await server?.stop();
});

/** Makes a frame as a browser sends it. */
function frame(dice: Dice, first: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const isShort = length <= MOST_SHORT;
  const head = isShort
    ? [first, MASKED | length]
    : [first, MASKED | LENGTH_OF_2_BYTES, length >> 8, length & 0xff];
  const mask = randomBytes(dice, 4);
  return joinBytes([Uint8Array.from(head), mask, payload.map((byte, i) => byte ^ mask[i % 4]!)]);
}

/** Makes a message in one frame or in several, with control frames between them. */
function frames(dice: Dice, message: Uint8Array): Uint8Array[] {
  if (message.length < 2 || dice.chance(0.6)) return [frame(dice, FINAL | BINARY, message)];
  const at = dice.integer(1, message.length - 1);
  const control = dice.chance(0.5)
    ? [frame(dice, FINAL | dice.pick(CONTROL.slice(1)), randomBytes(dice, dice.integer(0, MOST_SHORT)))]
    : [];
  return [
    frame(dice, BINARY, message.subarray(0, at)),
    ...control,
    frame(dice, FINAL | CONTINUATION, message.subarray(at)),
  ];
}

/** Makes the bytes of one viewer behind the upgrade: the RFB handshake, then messages, some frames damaged. */
function makeStream(dice: Dice): Uint8Array {
  const messages: Uint8Array[] = [encodeLatin1('RFB 003.008\n'), Uint8Array.of(1), Uint8Array.of(1)];
  for (let left = dice.integer(0, MOST_FRAMES); left > 0; left--)
    messages.push(viewerMessage(dice, 'standard'));
  const all = messages.flatMap((message) => frames(dice, message));
  return joinBytes(
    all.map((one) => {
      if (dice.chance(0.96)) return one;
      // Reserved bits, unknown opcodes, no mask, wrong lengths; control frames that are too long or in pieces.
      if (dice.chance(0.5)) return mutated(one.slice(0, 8), dice);
      return frame(dice, dice.pick([0, FINAL]) | dice.pick(CONTROL), randomBytes(dice, dice.integer(0, 200)));
    }),
  );
}

/** Opens a WebSocket. Resolves with its socket once the server has accepted it. */
async function open(): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: server.port, ca: server.ca });
  await once(socket, 'secureConnect');
  const login = Buffer.from(`${server.owner.name}:${server.owner.password}`).toString('base64');
  socket.write(
    `GET /websockify HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Basic ${login}\r\n` +
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: binary\r\n' +
      `Sec-WebSocket-Key: ${randomKey(16).toString('base64')}\r\n\r\n`,
  );
  const [answer] = await once(socket, 'data');
  assert.match(String(answer), /^HTTP\/1\.1 101 /);
  return socket;
}

test(`${CONNECTIONS} WebSockets with damaged frames end alone`, async (t) => {
  let ended = 0;
  for (let index = 0; index < CONNECTIONS; index++) {
    const what = `connection ${index}, FUZZ_SEED=${SEED}`;
    const dice = createDice(caseSeed(SEED, index));
    const socket = await open();
    let isEnded = false;
    // The server may reset a connection that is still sending.
    socket.on('error', () => undefined);
    for (const event of ['end', 'close']) {
      socket.once(event, () => {
        isEnded = true;
      });
    }
    socket.resume();
    socket.write(makeStream(dice));
    await bystander.roundTrip();
    await bystander.roundTrip();
    if (isEnded) ended++;
    socket.destroy();
    assert.equal(bystander.closedReason, undefined, what);
    assert.doesNotMatch(server.output().stderr, /"level":(50|60)/, what);
  }
  t.diagnostic(`the server ended ${ended} of ${CONNECTIONS}`);
  assert.ok(ended >= CONNECTIONS * LEAST_ENDED_SHARE, `${ended} of ${CONNECTIONS}`);
});
