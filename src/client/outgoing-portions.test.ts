import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LinkLane } from '../../test/support/link-lane.ts';
import { type ClientMessage, ClientMessageReader } from '../protocol/client-messages.ts';
import { FENCE_REQUEST, PSEUDO_PORTIONS } from '../protocol/constants.ts';
import { writeClientMessage } from '../protocol/write-client-message.ts';
import { OutgoingPortions } from './outgoing-portions.ts';
import { MOST_UNDER_WAY_BYTES } from './upload-window.ts';

const MIB = 1 << 20;
/** Time between two answers to the server's fences, as during a film. */
const ANSWER_EVERY_MS = 40;
/** Longest wait of such an answer behind a paste: the queue that portions may build, and a portion, in milliseconds. */
const MOST_WAIT_MS = 60;

/** A page that pastes over a link whose rate and round trip are given, on a clock of its own. */
class PastingPage {
  nowMs = 0;
  readonly received: ClientMessage[] = [];
  /** How long answers took to reach the server, in milliseconds. */
  readonly waitsMs: number[] = [];
  mostUnderWay = 0;
  readonly #up: LinkLane;
  readonly #delayMs: number;
  readonly #reader = new ClientMessageReader();
  /** Answers on their way to the page, by the time of their arrival. */
  readonly #answers: number[] = [];
  readonly #portions: OutgoingPortions;
  #answeredAtMs: number[] = [];
  #sent = 0;
  #arrived = 0;

  constructor(bitsPerSecond: number, roundTripMs: number) {
    this.#delayMs = roundTripMs / 2;
    // As a browser does, it takes everything at once.
    this.#up = new LinkLane({ bytesPerSecond: bitsPerSecond / 8, delayMs: this.#delayMs, queueMs: 1e9 });
    this.#portions = new OutgoingPortions({
      send: (bytes) => this.#send(bytes),
      ask: () => this.#send(fence(FENCE_REQUEST, 2)),
      sent: () => undefined,
      nowMs: () => this.nowMs,
    });
    const list = { type: 'setEncodings', encodings: [PSEUDO_PORTIONS] } as const;
    this.#reader.push(writeClientMessage(list, 'kasm'));
    this.#reader.next();
  }

  /** Pastes a text, and answers fences meanwhile. Resolves when the text has arrived. */
  paste(bytes: number, mostMs: number): void {
    this.#portions.begin(
      writeClientMessage({ type: 'extendedClipboard', flags: 1, data: new Uint8Array(bytes) }, 'kasm'),
    );
    for (; !this.received.some(({ type }) => type === 'extendedClipboard'); this.nowMs++) {
      assert.ok(this.nowMs < mostMs, `not pasted within ${mostMs} ms`);
      if (this.nowMs % ANSWER_EVERY_MS === 0) {
        this.#answeredAtMs.push(this.nowMs);
        this.#send(fence(0, 1));
      }
      this.#take();
    }
  }

  #send(bytes: Uint8Array): void {
    this.#up.push(this.nowMs, bytes);
    this.#sent += bytes.length;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.#sent - this.#arrived);
  }

  #take(): void {
    for (const bytes of this.#up.take(this.nowMs)) {
      this.#arrived += bytes.length;
      this.#reader.push(bytes);
    }
    for (let message = this.#reader.next(); message; message = this.#reader.next()) {
      this.received.push(message);
      if (message.type !== 'fence') continue;
      if (message.flags & FENCE_REQUEST) this.#answers.push(this.nowMs + this.#delayMs);
      else this.waitsMs.push(this.nowMs - this.#delayMs - this.#answeredAtMs.shift()!);
    }
    while (this.#answers[0]! <= this.nowMs) {
      this.#answers.shift();
      this.#portions.answered();
    }
  }
}

const fence = (flags: number, bytes: number): Uint8Array =>
  writeClientMessage({ type: 'fence', flags, payload: new Uint8Array(bytes) }, 'kasm');

for (const [mbits, roundTripMs, bytes] of [
  [1, 40, MIB],
  [5, 10, 4 * MIB],
  [5, 100, 4 * MIB],
  [20, 50, 8 * MIB],
] as const) {
  const linkMs = (bytes * 8) / (mbits * 1000);
  test(`over ${mbits} Mbit/s and ${roundTripMs} ms, answers do not wait behind a paste, which uses most of the link`, () => {
    const page = new PastingPage(mbits * 1e6, roundTripMs);
    page.paste(bytes, 1.5 * linkMs + 20 * roundTripMs);
    assert.ok(page.waitsMs.length > 20);
    const worstMs = Math.max(...page.waitsMs);
    // Before it knows what the link carries, it overshoots by half a round trip.
    assert.ok(worstMs <= MOST_WAIT_MS + roundTripMs / 2, `${worstMs} ms`);
  });
}

test('what is under way is bounded on a link of any rate', () => {
  const page = new PastingPage(1e12, 500);
  page.paste(16 * MIB, 60_000);
  assert.ok(page.mostUnderWay > MOST_UNDER_WAY_BYTES / 2);
  assert.ok(page.mostUnderWay < MOST_UNDER_WAY_BYTES * 1.1, `${page.mostUnderWay}`);
});

test('what is left of a message can be sent at once, for what waits behind it', () => {
  let wholes = 0;
  let sentBytes = 0;
  const portions = new OutgoingPortions({
    send: ({ length }) => (sentBytes += length),
    ask: () => undefined,
    sent: () => wholes++,
    nowMs: () => 0,
  });
  portions.begin(new Uint8Array(MIB));
  assert.ok(portions.isBusy);
  portions.finish();
  assert.deepEqual([portions.isBusy, wholes, sentBytes > MIB], [false, 1, true]);
  portions.finish();
  assert.equal(wholes, 1);
});

test('a newer message replaces one that is not sent whole, and the server gets the newer one alone', () => {
  const sent: Uint8Array[] = [];
  let wholes = 0;
  const portions = new OutgoingPortions({
    send: (bytes) => sent.push(bytes),
    ask: () => undefined,
    sent: () => wholes++,
    nowMs: () => 0,
  });
  const text = (length: number): Uint8Array =>
    writeClientMessage({ type: 'clientCutText', text: 'x'.repeat(length) }, 'kasm');
  portions.begin(text(100_000));
  assert.ok(portions.isBusy && sent.length > 0);
  portions.begin(text(50_000));
  for (let i = 0; i < 1000 && portions.isBusy; i++) portions.answered();
  assert.deepEqual([portions.isBusy, wholes], [false, 1]);
  portions.answered();
  const reader = new ClientMessageReader();
  reader.push(writeClientMessage({ type: 'setEncodings', encodings: [PSEUDO_PORTIONS] }, 'kasm'));
  for (const bytes of sent) reader.push(bytes);
  const texts: number[] = [];
  for (let message = reader.next(); message; message = reader.next())
    if (message.type === 'clientCutText') texts.push(message.text.length);
  assert.deepEqual(texts, [50_000]);
});
