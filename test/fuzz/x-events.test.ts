import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { createDice, type Dice } from '../../bench/scenes/dice.ts';
import { LeanConnection } from '../../src/desktop/x11/wire/lean-connection.ts';
import { HttpsClient } from '../support/https-client.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { Viewer } from '../support/viewer.ts';
import { caseSeed } from './fuzz-target.ts';
import { randomBytes } from './mutate.ts';

/** Seed of all events; FUZZ_SEED gives another. */
const SEED = Number(process.env.FUZZ_SEED ?? 1);
/** Rounds of requests, by FUZZ_SHARE times as many. */
const ROUNDS = Math.ceil(100 * Number(process.env.FUZZ_SHARE ?? 1));
const EVENTS_PER_ROUND = 50;

// Opcodes of X requests, and where a reply has its list.
const QUERY_TREE = 15;
const CHANGE_PROPERTY = 18;
const DELETE_PROPERTY = 19;
const SET_SELECTION_OWNER = 22;
const SEND_EVENT = 25;
const GET_INPUT_FOCUS = 43;
const CHILDREN_AT = 32;
const CHILD_COUNT_AT = 16;

/** Events that the server's parts wait for, and kinds of extensions. */
const EVENT_KINDS = [17, 18, 19, 22, 28, 28, 29, 30, 30, 31, 31, 33, 34];
/** PRIMARY and SECONDARY, whose owner a program may be. */
const SELECTIONS = [1, 2];
const ATOMS = 400;

let server: RunningDeskwire;
let x: LeanConnection;

before(async () => {
  server = await startDeskwire({ flags: ['--size', '320x240', '--run', 'true'] });
  const { DISPLAY, XAUTHORITY } = server.xEnvironment();
  const cookie = readFileSync(XAUTHORITY!).subarray(-16);
  x = await LeanConnection.open({ display: DISPLAY!, cookie });
});
after(async () => {
  x?.close();
  await server?.stop();
});

/** Packs a request: its opcode, the byte behind it, and what follows the length. */
function request(opcode: number, detail: number, ...rest: (number | Uint8Array)[]): Buffer {
  const parts = rest.map((part) => {
    if (typeof part !== 'number') return Buffer.from(part);
    const word = Buffer.alloc(4);
    word.writeUInt32LE(part >>> 0);
    return word;
  });
  const body = Buffer.concat(parts);
  const bytes = Buffer.concat([Buffer.alloc(4), body, Buffer.alloc(-body.length & 3)]);
  bytes[0] = opcode;
  bytes[1] = detail;
  bytes.writeUInt16LE(bytes.length / 4, 2);
  return bytes;
}

async function ask(bytes: Buffer): Promise<Buffer> {
  const answer = x.ask(bytes);
  x.flush();
  return Buffer.from(await answer);
}

/** Returns the root window and all windows on it, those of the server's own clipboard among them. */
async function windows(): Promise<number[]> {
  const reply = await ask(request(QUERY_TREE, 0, x.root));
  const count = reply.readUInt16LE(CHILD_COUNT_AT);
  return [x.root, ...Array.from({ length: count }, (_, i) => reply.readUInt32LE(CHILDREN_AT + i * 4))];
}

/** Makes what a malicious program on the desktop may send about one window. */
function makeRequest(dice: Dice, window: number, others: readonly number[]): Buffer {
  const atom = dice.integer(0, ATOMS);
  switch (dice.integer(0, 9)) {
    case 0:
      return request(
        CHANGE_PROPERTY,
        dice.integer(0, 2),
        window,
        atom,
        dice.integer(1, ATOMS),
        8,
        16,
        randomBytes(dice, 16),
      );
    case 1:
      return request(DELETE_PROPERTY, 0, window, atom);
    case 2:
      return request(SET_SELECTION_OWNER, 0, dice.pick(others), dice.pick(SELECTIONS), 0);
    default: {
      const event = Buffer.from(randomBytes(dice, 32));
      event[0] = dice.chance(0.8) ? dice.pick(EVENT_KINDS) : dice.integer(2, 127);
      // Real windows and atoms in some fields, or else nothing would take the event for its own.
      for (const at of [4, 8, 12, 16]) {
        const kind = dice.integer(0, 4);
        if (kind < 2) event.writeUInt32LE(dice.pick(others), at);
        else if (kind < 4) event.writeUInt32LE(dice.integer(0, ATOMS), at);
      }
      // An event mask of 0 sends it to the program that made the window.
      return request(SEND_EVENT, 0, window, dice.chance(0.7) ? 0 : dice.integer(0, 0xffffff), event);
    }
  }
}

test(`${ROUNDS * EVENTS_PER_ROUND} forged X events of a program disturb neither the server nor its viewers`, async () => {
  const api = new HttpsClient(server.url, server.ca, server.owner);
  const viewer = await Viewer.connectWebSocket({ url: server.url, ca: server.ca, user: server.owner });
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const what = `round ${round}, FUZZ_SEED=${SEED}`;
      const dice = createDice(caseSeed(SEED, round));
      const all = await windows();
      for (let left = EVENTS_PER_ROUND; left > 0; left--) x.send(makeRequest(dice, dice.pick(all), all));
      if (round % 10 === 0) viewer.send({ type: 'clientCutText', text: `text ${round}` });
      // The X server has passed all of it on, and after the fence the server has had its turn.
      await ask(request(GET_INPUT_FOCUS, 0));
      await viewer.roundTrip();
      assert.equal(viewer.closedReason, undefined, what);
      assert.doesNotMatch(server.output().stderr, /"level":(50|60)/, what);
    }
    assert.equal((await api.get('/api/get_screenshot?width=64')).status, 200);
    assert.equal((await api.get('/api/get_frame_stats?client=none')).status, 200);
  } finally {
    await viewer.close();
    api.close();
  }
});
