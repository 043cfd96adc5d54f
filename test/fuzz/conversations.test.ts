import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createDice, type Dice } from '../../bench/scenes/dice.ts';
import { FENCE_REQUEST } from '../../src/protocol/constants.ts';
import type { Dialect } from '../../src/protocol/dialect.ts';
import { RFB_ERRORS } from '../../src/protocol/errors.ts';
import { writeClientMessage } from '../../src/protocol/write-client-message.ts';
import { HttpsClient } from '../support/https-client.ts';
import { passesOnce } from '../support/limits.ts';
import { residentBytes } from '../support/resident-bytes.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { connectWebSocket } from '../support/transport-websocket.ts';
import { Viewer } from '../support/viewer.ts';
import { shakeHands } from '../support/viewer-handshake.ts';
import { waitFor } from '../support/wait-for.ts';
import { caseSeed } from './fuzz-target.ts';
import { mutated, portions } from './mutate.ts';
import { randomMessage } from './random-messages.ts';
import { noMessage, OPENINGS, viewerMessage } from './targets/client-messages.ts';

const MIB = 1 << 20;
/** Seed of all conversations; FUZZ_SEED gives another. */
const SEED = Number(process.env.FUZZ_SEED ?? 1);
/** Conversations in each dialect, by FUZZ_SHARE times as many. One takes some 30 ms. */
const CONVERSATIONS = Math.ceil(150 * Number(process.env.FUZZ_SHARE ?? 1));
/** Most messages of a conversation. */
const MOST_MESSAGES = 150;
/** Messages that the server must accept in a conversation on average, so that they reach more than its first checks. */
const LEAST_ACCEPTED = 25;
/** Messages between two marks, by which the test counts what the server has accepted. */
const MARK_EVERY = 10;
/**
 * Longest step of the server's main thread that the messages of viewers may cause, in ms of the processor's time. All
 * steps are below 20 ms, also beside ten other programs.
 */
const MOST_STEP_MS = 50;
/**
 * Growth of the server's memory over all conversations, in bytes: heaps, encoders, pictures of other sizes, buffers. The
 * first 150 conversations take 160 MiB, the next 450 as much again, and further ones nothing.
 */
const MOST_GROWTH_BYTES = 240 * MIB;
/** Characters of an error's sentence that are compared: reasons of a closed WebSocket have 123 bytes. */
const COMPARED = 60;
/**
 * Round trips of another viewer in which the server reads a damaged conversation. It may never end, because a damaged
 * length has the server wait for more. A larger number takes time, a smaller one leaves conversations unread.
 */
const TURNS = 30;
/** Longest wait for the answer to an undamaged conversation, in ms. */
const ANSWER_LIMIT_MS = 60_000;

const READER = { name: 'reader', password: 'reader-secret' };

let server: RunningDeskwire;
let api: HttpsClient;
let bystander: Viewer;
let folder: string;
let stepFile: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'deskwire-steps-'));
  stepFile = join(folder, 'steps');
  const probe = new URL('./step-probe.ts', import.meta.url).href;
  server = await startDeskwire({
    flags: ['--size', '640x480', '--max-size', '800x600', '--run', 'true', '--max-connect-rate', '100000'],
    environment: { NODE_OPTIONS: `--import=${probe}`, STEP_FILE: stepFile },
  });
  api = new HttpsClient(server.url, server.ca, server.owner);
  const made = await api.get(`/api/create_user?name=${READER.name}&password=${READER.password}&read=true`);
  assert.equal(made.status, 200);
  assert.ok(existsSync(stepFile), 'the probe is there');
  bystander = await Viewer.connectWebSocket(target(), { decode: false, updates: 'none' });
});
after(async () => {
  bystander?.destroy();
  api?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const target = (user = server.owner) => ({ url: server.url, ca: server.ca, user });

/** Steps of the server's main thread so far that the probe has noted, in ms. */
function notedSteps(): number[] {
  try {
    return readFileSync(stepFile, 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** What conversations have reached. */
interface Tally {
  whole: number;
  refused: number;
  acceptedMessages: number;
}

/** Payload of the marks. It has 8 bytes at random, which nothing else that the server sends has in it. */
const MARK = randomBytes(8);
const mark = (dialect: Dialect): Uint8Array =>
  writeClientMessage({ type: 'fence', flags: FENCE_REQUEST, payload: MARK }, dialect);

/** Makes the messages of one viewer behind the handshake. Only those of a damaged conversation break the protocol. */
function makeMessages(dice: Dice, dialect: Dialect, isDamaged: boolean): Uint8Array[] {
  const messages = Array.from({ length: dice.integer(1, MOST_MESSAGES) }, () => {
    if (!isDamaged) return writeClientMessage(randomMessage(dice, dialect), dialect);
    if (dice.chance(0.02)) return noMessage(dice);
    const message = viewerMessage(dice, dialect);
    return dice.chance(0.04) ? mutated(message, dice) : message;
  });
  return [...OPENINGS[dialect], ...messages];
}

/** Whether the server has told the viewer how it broke the protocol. */
function isExpected(reason: string): boolean {
  // The viewer was still sending when the server closed the connection.
  if (/ECONNRESET|EPIPE/.test(reason)) return true;
  return Object.values(RFB_ERRORS).some((sentence) =>
    reason.startsWith(`1000 ${sentence.slice(0, COMPARED)}`),
  );
}

/** Holds one conversation. It ends when the server ends it, or when the server has read all that it will read. */
async function converse(dice: Dice, dialect: Dialect, tally: Tally): Promise<void> {
  const isDamaged = dice.chance(0.5);
  const transport = await connectWebSocket(target(dice.chance(0.7) ? server.owner : READER));
  await shakeHands(transport);
  let ended: string | undefined;
  let marksSeen = 0;
  let tail = Buffer.alloc(0);
  transport.onClose((reason) => {
    ended = reason;
  });
  transport.onData((bytes) => {
    const text = Buffer.concat([tail, bytes]);
    for (let at = text.indexOf(MARK); at >= 0; at = text.indexOf(MARK, at + MARK.length)) marksSeen++;
    tail = text.subarray(Math.max(0, text.length - MARK.length + 1));
  });
  const messages = makeMessages(dice, dialect, isDamaged);
  const cut = dice.integer(0, 255);
  let marksSent = 0;
  for (let at = 0; at < messages.length && ended === undefined; at += MARK_EVERY) {
    const some = Buffer.concat([...messages.slice(at, at + MARK_EVERY), mark(dialect)]);
    marksSent++;
    for (const part of dice.chance(0.3) ? [some] : portions(some, cut)) transport.send(part);
  }
  const isAnswered = () => ended !== undefined || marksSeen === marksSent;
  if (isDamaged) for (let turn = 0; turn < TURNS && !isAnswered(); turn++) await bystander.roundTrip();
  else {
    await waitFor('the last mark of an undamaged conversation', isAnswered, ANSWER_LIMIT_MS);
    assert.equal(ended, undefined, 'an undamaged conversation was refused');
  }
  assert.ok(ended === undefined || isExpected(ended), ended);
  tally[ended === undefined ? 'whole' : 'refused']++;
  tally.acceptedMessages += Math.min(messages.length, marksSeen * MARK_EVERY);
  if (dice.chance(0.5)) transport.close();
  else transport.destroy();
}

for (const dialect of ['standard', 'kasm'] as const) {
  test(`${CONVERSATIONS} conversations in the ${dialect} dialect, half of them damaged, disturb no other viewer`, async (t) => {
    const tally: Tally = { whole: 0, refused: 0, acceptedMessages: 0 };
    const beforeBytes = residentBytes(server.pid);
    // Other programs may hold up one of the measurements.
    await passesOnce(async (round) => {
      const stepsBefore = notedSteps().length;
      for (let index = 0; index < CONVERSATIONS; index++) {
        const seed = caseSeed(SEED + round, index);
        const what = `conversation ${index}, FUZZ_SEED=${SEED + round}`;
        await converse(createDice(seed), dialect, tally).catch((cause) => {
          throw new Error(`${what}: ${cause}\n${server.output().stderr.slice(-2000)}`, { cause });
        });
        assert.equal(bystander.closedReason, undefined, what);
        assert.doesNotMatch(server.output().stderr, /"level":(50|60)/, what);
      }
      const steps = notedSteps().slice(stepsBefore);
      t.diagnostic(`steps of more than 20 ms: ${steps.join(', ') || 'none'}`);
      const longestMs = Math.max(0, ...steps);
      return longestMs < MOST_STEP_MS ? undefined : `a step took ${Math.round(longestMs)} ms`;
    });
    t.diagnostic(JSON.stringify(tally));
    assert.ok(tally.whole > CONVERSATIONS / 2 && tally.refused > CONVERSATIONS / 20, JSON.stringify(tally));
    assert.ok(tally.acceptedMessages > CONVERSATIONS * LEAST_ACCEPTED, JSON.stringify(tally));
    await waitFor('the viewers to be gone', async () => {
      const stats = (await api.get('/api/get_bottleneck_stats')).json();
      return Object.keys(stats[server.owner.name] ?? {}).length === 1 && !(READER.name in stats);
    });
    const grown = residentBytes(server.pid) - beforeBytes;
    t.diagnostic(`memory ${(grown / MIB).toFixed(1)} MiB more`);
    assert.ok(grown < MOST_GROWTH_BYTES, `${(grown / MIB).toFixed(1)} MiB more`);
    assert.equal((await api.get('/api/get_screenshot?width=64')).status, 200);
  });
}
