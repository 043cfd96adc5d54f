import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CongestionWindow } from './congestion.ts';

const PACKET_BYTES = 1448;

interface Link {
  readonly bytesPerMs: number;
  /** Round trip without queues. */
  readonly roundTripMs: number;
}

const MBIT_5: Link = { bytesPerMs: 625, roundTripMs: 50 };
const LOOPBACK: Link = { bytesPerMs: 500_000, roundTripMs: 0.2 };

/**
 * Simulates a link in virtual time, in steps of a quarter of a millisecond. Bytes queue in front of the link, are
 * carried at its rate, and the answer to each fence arrives a round trip later. A frame is offered every `intervalMs`,
 * and sent when there is room.
 */
function simulate(options: {
  readonly link: (nowMs: number) => Link;
  readonly forMs: number;
  readonly intervalMs: number;
  readonly frameBytes: (nowMs: number) => number;
  /** Each of so many frames is held back, with the answers behind it, as by TCP after a lost packet. */
  readonly lossEvery?: number;
  readonly repairMs?: number;
}) {
  const window = new CongestionWindow();
  const stepMs = 0.25;
  const fences: { bytesBefore: number; answerAtMs: number | undefined }[] = [];
  let queued = 0;
  let carried = 0;
  let sent = 0;
  let frameDueMs = 0;
  let arrived = 0;
  let lost = 0;
  let heldUntilMs = 0;
  const rates: number[] = [];
  const frames: { atMs: number; bytes: number; queuedBeforeMs: number; underWay: number }[] = [];
  const send = (nowMs: number, bytes: number): void => {
    window.sent(nowMs, nowMs, bytes);
    queued += bytes;
    sent += bytes;
    fences.push({ bytesBefore: sent, answerAtMs: undefined });
  };
  send(0, 0);
  for (let nowMs = 0; nowMs < options.forMs; nowMs += stepMs) {
    const { bytesPerMs, roundTripMs } = options.link(nowMs);
    const moved = Math.min(queued, bytesPerMs * stepMs);
    queued -= moved;
    carried += moved;
    for (const fence of fences) {
      if (fence.answerAtMs !== undefined || fence.bytesBefore > carried + 1e-6) continue;
      arrived++;
      if (options.lossEvery && arrived % options.lossEvery === 0) {
        lost++;
        heldUntilMs = nowMs + (options.repairMs ?? 0);
      }
      fence.answerAtMs = Math.max(nowMs, heldUntilMs) + roundTripMs;
    }
    while (fences[0]?.answerAtMs !== undefined && fences[0].answerAtMs <= nowMs) {
      fences.shift();
      window.acknowledged(nowMs);
      rates.push(window.limitingRate ?? Number.NaN);
    }
    if (window.wantsPacketCounts(nowMs)) window.packetsCounted(nowMs, { sent: sent / PACKET_BYTES, lost });
    if (nowMs >= frameDueMs && window.hasRoom(nowMs)) {
      const bytes = options.frameBytes(nowMs);
      frames.push({ atMs: nowMs, bytes, queuedBeforeMs: queued / bytesPerMs, underWay: fences.length });
      send(nowMs, bytes);
      frameDueMs = nowMs + options.intervalMs;
    }
  }
  return { window, frames, carried, rates };
}

suite('a link of 5 Mbit/s and 50 ms', () => {
  for (const frameBytes of [10_000, 40_000, 100_000]) {
    test(`a 5 Mbit/s link is filled by frames of ${frameBytes / 1000} KB, and none of them meets a long queue`, () => {
      const { frames, carried } = simulate({
        link: () => MBIT_5,
        forMs: 90_000,
        intervalMs: 16,
        frameBytes: () => frameBytes,
      });
      const transferMs = frameBytes / MBIT_5.bytesPerMs;
      const worst = frames.reduce((a, b) => (b.queuedBeforeMs > a.queuedBeforeMs ? b : a));
      // How long a frame waits before its first byte is carried.
      assert.ok(
        worst.queuedBeforeMs < 100 + transferMs,
        `${Math.round(worst.queuedBeforeMs)} ms of queue at ${Math.round(worst.atMs)} ms`,
      );
      const share = carried / (90_000 * MBIT_5.bytesPerMs);
      assert.ok(share > 0.8, `${Math.round(share * 100)} % of the link used`);
    });
  }

  test('the window adapts within seconds when a link becomes ten times slower', () => {
    const slow = { ...MBIT_5, bytesPerMs: 62.5 };
    const { frames } = simulate({
      link: (nowMs) => (nowMs < 20_000 ? MBIT_5 : slow),
      forMs: 60_000,
      intervalMs: 16,
      frameBytes: () => 10_000,
    });
    const late = frames.filter(({ atMs }) => atMs > 30_000).map(({ queuedBeforeMs }) => queuedBeforeMs);
    assert.ok(late.length > 50);
    assert.ok(Math.max(...late) < 100 + 160, `${Math.max(...late)} ms of queue`);
  });

  test('the window uses a link that becomes ten times faster', () => {
    const fast = { ...MBIT_5, bytesPerMs: 6250 };
    const { frames } = simulate({
      link: (nowMs) => (nowMs < 5_000 ? MBIT_5 : fast),
      forMs: 30_000,
      intervalMs: 16,
      frameBytes: () => 40_000,
    });
    const late = frames.filter(({ atMs }) => atMs > 20_000).length;
    assert.ok(late > 10 * 62 * 0.8, `${late} frames in 10 s, of 625`);
  });
});

for (const frameBytes of [10_000, 20_000, 60_000]) {
  test(`updates of ${frameBytes / 1000} KB that a lost packet holds back do not make a link seem faster`, () => {
    const { rates, window } = simulate({
      link: () => MBIT_5,
      forMs: 60_000,
      intervalMs: 16,
      frameBytes: () => frameBytes,
      lossEvery: 5,
      repairMs: 75,
    });
    assert.equal(window.isLossy, true);
    const known = rates.slice(rates.length / 4);
    const mean = known.reduce((sum, rate) => sum + rate, 0) / known.length;
    assert.ok(mean > 0.5 * MBIT_5.bytesPerMs, `${mean} bytes a ms on average`);
    assert.ok(Math.max(...known) < 1.1 * MBIT_5.bytesPerMs, `${Math.max(...known)} bytes a ms at most`);
  });
}

test('a viewer that answers late now and then does not make its link one that loses packets', () => {
  const window = new CongestionWindow();
  for (let atMs = 0; atMs < 60_000; atMs += 400) {
    window.sent(atMs, atMs, 60_000);
    window.acknowledged(atMs + (atMs % 1200 === 0 ? 350 : 100));
    if (window.wantsPacketCounts(atMs)) window.packetsCounted(atMs, { sent: atMs, lost: 0 });
  }
  assert.equal(window.isLossy, false);
});

test('on a fast link the next update leaves while one is under way', () => {
  const { frames } = simulate({
    link: () => ({ ...LOOPBACK, roundTripMs: 5 }),
    forMs: 5_000,
    intervalMs: 4,
    frameBytes: () => 100_000,
  });
  assert.ok(frames.length > 1200, `${frames.length} frames of 1250`);
  assert.ok(frames.slice(100).some(({ underWay }) => underWay >= 1));
});

test('small updates leave before any fence was answered', () => {
  const window = new CongestionWindow();
  for (let i = 0; i < 8; i++) {
    assert.equal(window.hasRoom(i), true, `after ${i}`);
    window.sent(i, i, 1000);
  }
  assert.equal(window.inFlightBytes, 8000);
});

test('no second update leaves before the answer to a large first one', () => {
  const window = new CongestionWindow();
  window.sent(0, 1, 500_000);
  assert.equal(window.hasRoom(59), false);
  assert.equal(window.roomAtMs(59), undefined, 'the time depends on the answer');
  window.acknowledged(60);
  assert.equal(window.hasRoom(60), true);
  assert.equal(window.inFlightBytes, 0);
});

test('an answer without a fence changes nothing', () => {
  const window = new CongestionWindow();
  window.acknowledged(5);
  assert.equal(window.lastRoundTripMs, undefined);
  assert.equal(window.rate, undefined);
  assert.equal(window.hasRoom(5), true);
});

test('the answers to fences tell the round trip, the rate, and when an answer is overdue', () => {
  const window = new CongestionWindow();
  window.sent(0, 0, 0);
  window.acknowledged(50);
  assert.equal(window.roundTripMs, 50);
  window.sent(100, 100, 62_500);
  assert.equal(window.overdueAtMs, 150);
  window.acknowledged(250);
  assert.equal(window.lastRoundTripMs, 150);
  assert.equal(window.roundTripMs, 50, 'the lowest round trip, without the transfer');
  assert.equal(window.rate, 62_500 / 110, 'the time of the transfer plus jitter');
  assert.equal(window.limitingRate, window.rate);
  assert.equal(window.overdueAtMs, undefined);
});

test('the rate of a link that never limited an update counts as no limit', () => {
  const window = new CongestionWindow();
  window.sent(0, 0, 0);
  window.acknowledged(1);
  for (let atMs = 100; atMs < 2_000; atMs += 20) {
    window.sent(atMs, atMs + 10, 300_000);
    window.acknowledged(atMs + 13);
  }
  assert.equal(window.limitingRate, undefined);
  assert.ok(window.rate! > 10_000);
});

test('one answer that a busy machine delays does not make a fast link count as slow', () => {
  const window = new CongestionWindow();
  window.sent(0, 0, 0);
  window.acknowledged(1);
  window.sent(100, 100, 300_000);
  window.acknowledged(110);
  window.sent(200, 200, 10_000);
  window.acknowledged(230);
  assert.equal(window.limitingRate, undefined, 'a small update may be delayed for other reasons');
  window.sent(300, 300, 300_000);
  window.acknowledged(400);
  // 40 Mbit/s, which still carries whole screens.
  assert.ok(window.limitingRate! > 5_000, `${window.limitingRate}`);
});

test('the window opens shortly before the link is idle, and closes when an answer is late', () => {
  const window = new CongestionWindow();
  window.sent(0, 0, 0);
  window.acknowledged(50);
  window.sent(100, 100, 55_000);
  window.acknowledged(250);
  assert.equal(window.rate, 500);
  window.sent(300, 300, 50_000);
  assert.equal(window.roomAtMs(301), 375);
  assert.equal(window.hasRoom(374), false);
  assert.equal(window.hasRoom(375), true);
  assert.equal(window.hasRoom(474), true);
  assert.equal(window.hasRoom(476), false, 'the answer was due at 450');
  window.acknowledged(480);
  assert.equal(window.hasRoom(480), true);
});

test('a probe is due once per interval, and only while nothing is under way', () => {
  const window = new CongestionWindow();
  assert.equal(window.wantsProbe(0), true);
  window.sent(0, 0, 0);
  window.acknowledged(50);
  assert.equal(window.wantsProbe(999), false);
  assert.equal(window.wantsProbe(1000), true);
  window.sent(1000, 1000, 5000);
  assert.equal(window.wantsProbe(1001), false);
});

test('probes notice that a route has become longer', () => {
  const window = new CongestionWindow();
  for (let atMs = 0; atMs < 60_000; atMs += 1000) {
    const roundTripMs = atMs < 20_000 ? 50 : 150;
    window.sent(atMs, atMs, 0);
    window.sent(atMs, atMs, 50_000);
    window.acknowledged(atMs + roundTripMs);
    window.acknowledged(atMs + roundTripMs + 80);
    if (atMs === 15_000) assert.equal(window.roundTripMs, 50);
  }
  assert.ok(window.roundTripMs >= 140 && window.roundTripMs <= 150, `${window.roundTripMs}`);
  assert.ok(Math.abs(window.rate! - 50_000 / 90) < 1, `${window.rate}`);
});
