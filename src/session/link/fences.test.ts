import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ManualClock } from '../../../test/support/manual-clock.ts';
import { FENCE_REQUEST } from '../../protocol/constants.ts';
import { SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { ServerMessageReader } from '../../protocol/server-message-reader.ts';
import { FIRST_REMINDER_MS, MOST_REMINDERS, patienceMs } from './fence-patience.ts';
import { Fences } from './fences.ts';
import { ViewerFlow } from './flow.ts';

/** Larger than what may always be under way. */
const LARGE_BYTES = 100_000;
/** From the last answer until no answer is expected any more. */
const ALL_PATIENCE_MS = Array.from({ length: MOST_REMINDERS + 1 }, (_, i) => patienceMs(i)).reduce(
  (a, b) => a + b,
);

/** Fences of a viewer with continuous updates, by a clock of the test. */
function create() {
  const clock = new ManualClock();
  const flow = new ViewerFlow();
  flow.fences = true;
  flow.continuous = true;
  const reader = new ServerMessageReader({ format: SERVER_PIXEL_FORMAT });
  const socket = { bufferedBytes: 0 };
  let wakes = 0;
  const fences = new Fences({
    flow,
    bufferedBytes: () => socket.bufferedBytes,
    send: (bytes) => reader.push(bytes),
    wake: () => wakes++,
    now: clock.now,
    after: clock.after,
  });
  /** Payloads of the fences that the viewer has received since the last call. */
  const received = (): Uint8Array[] => {
    const payloads: Uint8Array[] = [];
    for (let message = reader.next(); message; message = reader.next()) {
      assert.ok(message.type === 'fence' && message.flags & FENCE_REQUEST);
      payloads.push(message.payload);
    }
    return payloads;
  };
  const update = (bytes = LARGE_BYTES): void => {
    flow.updateBegins(clock.nowMs);
    fences.updateEnds(clock.nowMs, clock.nowMs, bytes);
  };
  const standing = (): string => flow.standing(0, clock.nowMs);
  return { clock, flow, fences, socket, received, update, standing, wakes: () => wakes };
}

suite('fences', () => {
  test('an answer makes room, and an answer to a later fence makes room for all before it', () => {
    const { fences, received, update, standing, flow } = create();
    update();
    assert.equal(standing(), 'network');
    fences.received(0, received()[0]!);
    assert.equal(standing(), 'ready');
    update(10_000);
    update(10_000);
    update(10_000);
    fences.received(0, received()[2]!);
    assert.equal(flow.congestion.inFlightBytes, 0);
  });

  test('an answer that comes twice, or to no fence, counts for nothing', () => {
    const { fences, received, update, flow } = create();
    update();
    const [first] = received();
    fences.received(0, first!);
    update();
    for (const payload of [
      first!,
      Uint8Array.of(0x44, 0x57, 0x12, 0x34),
      Uint8Array.of(0x44, 0x57),
      new Uint8Array(0),
    ])
      fences.received(0, payload);
    assert.equal(flow.congestion.inFlightBytes, LARGE_BYTES);
    fences.received(0, received()[0]!);
    assert.equal(flow.congestion.inFlightBytes, 0);
  });

  test('the numbers of fences begin anew after 65,536 of them', () => {
    const { fences, received, flow } = create();
    for (let i = 0; i < 70_000; i++) {
      fences.probe();
      fences.received(0, received()[0]!);
    }
    assert.equal(flow.congestion.inFlightBytes, 0);
    assert.equal(flow.congestion.overdueAtMs, undefined);
  });

  test('a viewer that has not answered is sent its newest fence again, less and less often', () => {
    const { clock, received, update } = create();
    update(5000);
    update(5000);
    const newest = received()[1]!;
    clock.pass(FIRST_REMINDER_MS - 1);
    assert.deepEqual(received(), []);
    clock.pass(1);
    assert.deepEqual(received(), [newest]);
    clock.pass(FIRST_REMINDER_MS * 2);
    assert.deepEqual(received(), [newest]);
    clock.pass(60_000);
    assert.ok(received().length <= MOST_REMINDERS);
    assert.equal(clock.waiting, 0, 'no timer runs for ever');
  });

  test('a fence that has not left the server is not sent again', () => {
    const { clock, socket, received, update } = create();
    update();
    received();
    socket.bufferedBytes = 1;
    clock.pass(60_000);
    assert.deepEqual(received(), []);
    socket.bufferedBytes = 0;
    clock.pass(FIRST_REMINDER_MS);
    assert.equal(received().length, 1);
  });

  test('a viewer that answered before and stops is sent an update after all reminders, and is asked again', () => {
    const { clock, fences, received, update, standing, flow, wakes } = create();
    update();
    fences.received(0, received()[0]!);
    update();
    const wakesBefore = wakes();
    clock.pass(ALL_PATIENCE_MS - 1);
    assert.equal(standing(), 'network');
    assert.equal(flow.isUnanswered, false);
    clock.pass(1);
    assert.equal(standing(), 'ready');
    assert.ok(wakes() > wakesBefore);
    assert.equal(flow.fences, true);
    assert.equal(flow.isUnanswered, true);
    received();
    update();
    const asked = received();
    assert.equal(asked.length, 1);
    clock.pass(100);
    assert.equal(standing(), 'network');
    fences.received(0, asked[0]!);
    assert.equal(flow.isUnanswered, false);
  });

  test('a late answer to a fence that no answer was expected to counts for nothing', () => {
    const { clock, fences, received, update, flow } = create();
    update();
    const [late] = received();
    fences.received(0, late!);
    update();
    const [lost] = received();
    clock.pass(ALL_PATIENCE_MS);
    received();
    update();
    fences.received(0, lost!);
    assert.equal(flow.congestion.inFlightBytes, LARGE_BYTES);
    fences.received(0, received()[0]!);
    assert.equal(flow.congestion.inFlightBytes, 0);
  });

  test('a viewer that has never answered a fence is sent no more of them, and is not held up', () => {
    const { clock, flow, received, update, standing } = create();
    update();
    clock.pass(ALL_PATIENCE_MS);
    received();
    assert.equal(flow.fences, false);
    assert.equal(flow.isUnanswered, false, 'it has shown nothing of its link');
    for (let i = 0; i < 5; i++) {
      assert.equal(standing(), 'ready');
      update();
    }
    assert.deepEqual(received(), []);
  });

  test('a closed viewer leaves no timer', () => {
    const { clock, fences, update } = create();
    update();
    fences.close();
    assert.equal(clock.waiting, 0);
    fences.probe();
    fences.wakeWhenRoom(0);
    assert.equal(clock.waiting, 0);
  });
});
