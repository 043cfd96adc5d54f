import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createDice, type Dice } from '../../bench/scenes/dice.ts';
import { percentile } from '../../bench/statistics.ts';
import type { Dialect } from '../../src/protocol/dialect.ts';
import { RFB_ERRORS } from '../../src/protocol/errors.ts';
import { joinBytes } from '../../src/protocol/join-bytes.ts';
import { HttpsClient } from '../support/https-client.ts';
import { passesOnce, withSlack } from '../support/limits.ts';
import { residentBytes } from '../support/resident-bytes.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { connectWebSocket } from '../support/transport-websocket.ts';
import { Viewer } from '../support/viewer.ts';
import { shakeHands } from '../support/viewer-handshake.ts';
import { waitFor } from '../support/wait-for.ts';
import { caseSeed } from './fuzz-target.ts';
import { mutated, portions } from './mutate.ts';
import { viewerMessages } from './targets/client-messages.ts';

const MIB = 1 << 20;
/** Seed of all conversations; FUZZ_SEED gives another. */
const SEED = Number(process.env.FUZZ_SEED ?? 1);
/** Conversations in each dialect, by FUZZ_SHARE times as many. A connection takes 10 ms. */
const CONVERSATIONS = Math.ceil(120 * Number(process.env.FUZZ_SHARE ?? 1));
/** Most messages of a conversation. Every second one breaks the protocol before its end. */
const MESSAGES = 150;
/** Longest time of the main thread that the messages of one viewer may take from another viewer, in ms. */
const STEP_MS = 50;
/** Growth of the server's memory over all conversations, in bytes: heaps, pictures of other sizes, buffers. */
const MOST_GROWTH_BYTES = 120 * MIB;
/** Characters of an error's sentence that are compared: reasons of a closed WebSocket have 123 bytes. */
const COMPARED = 60;

let server: RunningDeskwire;
let api: HttpsClient;
let bystander: Viewer;

before(async () => {
  server = await startDeskwire({ flags: ['--size', '640x480', '--max-size', '800x600', '--run', 'true'] });
  api = new HttpsClient(server.url, server.ca, server.owner);
  bystander = await Viewer.connectWebSocket(target(), { decode: false, updates: 'none' });
});
after(async () => {
  bystander?.destroy();
  api?.close();
  await server?.stop();
});

const target = () => ({ url: server.url, ca: server.ca, user: server.owner });

/** KasmVNC's message 184, which begins its dialect. */
const KASM_CODECS = Uint8Array.of(184, 0);

/** Makes the bytes of one viewer behind the handshake. */
function conversation(dice: Dice, dialect: Dialect): Uint8Array {
  const messages = viewerMessages(dice, dialect, MESSAGES).map((message) =>
    dice.chance(0.02) ? mutated(message, dice) : message,
  );
  return joinBytes(dialect === 'kasm' ? [KASM_CODECS, ...messages] : messages);
}

/** Whether the server has told the viewer how it broke the protocol. */
function isExpected(reason: string): boolean {
  // The viewer was still sending when the server closed the connection.
  if (/ECONNRESET|EPIPE/.test(reason)) return true;
  return Object.values(RFB_ERRORS).some((sentence) =>
    reason.startsWith(`1000 ${sentence.slice(0, COMPARED)}`),
  );
}

/** Holds one conversation, which ends when the server ends it, or some time after the server has begun to read it. */
async function converse(dice: Dice, dialect: Dialect): Promise<void> {
  const transport = await connectWebSocket(target());
  await shakeHands(transport);
  let ended: string | undefined;
  transport.onClose((reason) => {
    ended = reason;
  });
  transport.onData(() => undefined);
  const cut = dice.integer(0, 255);
  for (const part of portions(conversation(dice, dialect), cut)) {
    if (ended !== undefined) break;
    transport.send(part);
  }
  await bystander.roundTrip();
  assert.ok(ended === undefined || isExpected(ended), ended);
  if (dice.chance(0.5)) transport.close();
  else transport.destroy();
}

for (const dialect of ['standard', 'kasm'] as const) {
  test(`${CONVERSATIONS} damaged conversations in the ${dialect} dialect disturb no other viewer`, async () => {
    const beforeBytes = residentBytes(server.pid);
    // Other programs may hold up one of the measurements.
    await passesOnce(async (round) => {
      const tookMs: number[] = [];
      for (let index = 0; index < CONVERSATIONS; index++) {
        const seed = caseSeed(SEED + round, index);
        const what = `conversation ${index}, FUZZ_SEED=${SEED + round}`;
        const isAsked = converse(createDice(seed), dialect).catch((cause) => {
          throw new Error(`${what}: ${cause}\n${server.output().stderr.slice(-2000)}`, { cause });
        });
        const startMs = performance.now();
        await bystander.roundTrip();
        tookMs.push(performance.now() - startMs);
        await isAsked;
        assert.equal(bystander.closedReason, undefined, what);
        assert.doesNotMatch(server.output().stderr, /"level":(50|60)/, what);
      }
      const p95Ms = percentile(tookMs, 0.95)!;
      return p95Ms < withSlack(STEP_MS) ? undefined : `an answer takes ${Math.round(p95Ms)} ms`;
    });
    await waitFor('the viewers to be gone', async () => {
      const stats = (await api.get('/api/get_bottleneck_stats')).json();
      return Object.keys(stats[server.owner.name] ?? {}).length === 1;
    });
    const grown = residentBytes(server.pid) - beforeBytes;
    assert.ok(grown < MOST_GROWTH_BYTES, `${(grown / MIB).toFixed(1)} MiB more`);
    assert.equal((await api.get('/api/get_screenshot?width=64')).status, 200);
  });
}
