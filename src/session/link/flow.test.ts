import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ViewerFlow } from './flow.ts';

/** Sends a whole update of `bytes` in no time. */
function send(flow: ViewerFlow, nowMs: number, bytes = 100_000): ReturnType<ViewerFlow['updateBegins']> {
  const waits = flow.updateBegins(nowMs);
  flow.updateEnds(nowMs, nowMs, bytes);
  return waits;
}

suite('a viewer that asks for each update', () => {
  test('a viewer is sent one update for each request, and none before its first request', () => {
    const flow = new ViewerFlow();
    assert.equal(flow.standing(0, 0), 'client');
    flow.requested(0);
    assert.equal(flow.standing(0, 0), 'ready');
    flow.updateBegins(0);
    assert.equal(flow.standing(0, 0), 'busy');
    flow.requested(0);
    assert.equal(flow.standing(0, 0), 'busy');
    flow.updateEnds(0, 1, 100);
    assert.equal(flow.standing(0, 0), 'ready', 'it requested an update meanwhile');
    send(flow, 2);
    assert.equal(flow.standing(0, 0), 'client');
  });

  test('a viewer without fences is sent no update while its socket has bytes to send', () => {
    const flow = new ViewerFlow();
    flow.requested(0);
    assert.equal(flow.standing(1, 0), 'network');
    assert.equal(flow.standing(0, 0), 'ready');
  });

  test('small updates share a fence, up to a number of bytes and a time', () => {
    const flow = new ViewerFlow();
    assert.equal(flow.updateEnds(0, 0, 100), false, 'the viewer does not support fences');
    flow.fences = true;
    assert.equal(flow.updateEnds(0, 0, 100), true);
    assert.equal(flow.updateEnds(33, 33, 100), false);
    assert.equal(flow.congestion.inFlightBytes, 100);
    assert.equal(flow.updateEnds(66, 66, 1900), false);
    assert.equal(flow.updateEnds(67, 67, 48), true);
    assert.equal(flow.congestion.inFlightBytes, 100 + 48, 'the updates between do not count');
    assert.equal(flow.updateEnds(99, 99, 10), false);
    assert.equal(flow.updateEnds(167, 167, 10), true);
    assert.equal(flow.updateEnds(168, 168, 50_000), true);
  });

  test('a viewer with fences is sent an update while its socket has few bytes to send', () => {
    const flow = new ViewerFlow();
    flow.fences = true;
    flow.requested(0);
    assert.equal(flow.standing(64 * 1024, 0), 'ready');
    assert.equal(flow.standing(64 * 1024 + 1, 0), 'network');
  });
});

suite('a viewer with continuous updates', () => {
  test('a viewer with continuous updates is ready without a request', () => {
    const flow = new ViewerFlow();
    flow.continuous = true;
    for (let i = 0; i < 10; i++) {
      assert.equal(flow.standing(0, 0), 'ready');
      send(flow, i);
    }
  });

  test('a viewer that reports what it has drawn has at most two updates to draw', () => {
    const flow = new ViewerFlow();
    flow.continuous = true;
    flow.reportsDrawn = true;
    send(flow, 0);
    assert.equal(flow.standing(0, 0), 'ready');
    send(flow, 1);
    assert.equal(flow.standing(0, 0), 'client');
    flow.requested(0);
    assert.equal(flow.standing(0, 0), 'ready');
    send(flow, 2);
    assert.equal(flow.standing(0, 0), 'client');
    flow.requested(0);
    flow.requested(0);
    flow.requested(0);
    send(flow, 3);
    assert.equal(flow.standing(0, 0), 'ready', 'requests beyond the number of updates do not count');
    send(flow, 4);
    assert.equal(flow.standing(0, 0), 'client');
  });

  test('a viewer with a full window waits for the network until its fences are answered', () => {
    const flow = new ViewerFlow();
    flow.continuous = true;
    flow.fences = true;
    send(flow, 0);
    assert.equal(flow.standing(0, 0), 'network');
    flow.congestion.acknowledged(80);
    assert.equal(flow.standing(0, 0), 'ready');
  });
});

test('the window of a link with a known rate opens at a known time, without an answer', () => {
  const flow = new ViewerFlow();
  flow.continuous = true;
  flow.fences = true;
  flow.congestion.sent(0, 0, 0);
  flow.congestion.acknowledged(50);
  send(flow, 100, 55_000);
  assert.equal(flow.roomAtMs(101), undefined, 'the rate is unknown');
  flow.congestion.acknowledged(250);
  assert.equal(flow.roomAtMs(300), 300);
  send(flow, 300, 50_000);
  assert.equal(flow.roomAtMs(301), 375);
  assert.equal(flow.standing(0, 374), 'network');
  assert.equal(flow.standing(0, 375), 'ready');
  flow.fences = false;
  assert.equal(flow.roomAtMs(301), undefined);
});

suite('the time that a frame waited', () => {
  const fenced = (): ViewerFlow => {
    const flow = new ViewerFlow();
    flow.continuous = true;
    flow.fences = true;
    // Measures a bare round trip of 40 ms.
    flow.congestion.sent(0, 0, 0);
    flow.congestion.acknowledged(40);
    return flow;
  };

  test('a frame whose viewer is ready has waited neither for the network nor for the viewer', () => {
    const flow = fenced();
    flow.frameReady(100, 0);
    assert.deepEqual(
      send(flow, 116),
      { networkMs: 0, clientMs: 0 },
      'the time until a frame is due is no wait',
    );
  });

  test('a frame waits for the network only after bytes have been under way for the link’s round trip', () => {
    const flow = fenced();
    send(flow, 100);
    flow.frameReady(110, 0);
    flow.congestion.acknowledged(140);
    assert.deepEqual(send(flow, 140), { networkMs: 0, clientMs: 0 });
    flow.congestion.acknowledged(180);
    send(flow, 200, 1_000_000);
    flow.frameReady(210, 0);
    flow.congestion.acknowledged(300);
    assert.deepEqual(send(flow, 300), { networkMs: 60, clientMs: 0 }, 'overdue since 240');
  });

  test('a frame waits for the network while the socket does not take its bytes', () => {
    const flow = new ViewerFlow();
    flow.requested(0);
    flow.frameReady(100, 5000);
    flow.frameReady(130, 4000);
    assert.deepEqual(send(flow, 150), { networkMs: 50, clientMs: 0 });
  });

  test('a frame waits for the viewer while the viewer has everything and requests nothing', () => {
    const flow = new ViewerFlow();
    flow.frameReady(100, 0);
    flow.requested(0);
    assert.deepEqual(send(flow, 170), { networkMs: 0, clientMs: 70 });
  });

  test('the waits for the network and for the viewer are counted separately, and once each', () => {
    const flow = new ViewerFlow();
    flow.frameReady(100, 5000);
    flow.requested(0);
    flow.frameReady(120, 5000);
    flow.frameReady(130, 0);
    send(flow, 135);
    flow.frameReady(200, 9);
    flow.frameReady(260, 0);
    flow.requested(0);
    assert.deepEqual(send(flow, 270), { networkMs: 60, clientMs: 10 });
    assert.deepEqual(send(flow, 280), { networkMs: 0, clientMs: 0 }, 'each wait counts once');
  });

  test('while several updates are under way, a frame waits only while the oldest of them is overdue', () => {
    const flow = fenced();
    send(flow, 100);
    send(flow, 115, 1_000_000);
    flow.frameReady(120, 0);
    flow.congestion.acknowledged(140);
    flow.frameReady(140, 0);
    flow.congestion.acknowledged(158);
    flow.frameReady(158, 0);
    assert.deepEqual(send(flow, 158), { networkMs: 3, clientMs: 0 }, 'overdue since 155');
  });

  test('a frame waits for the network while the socket has much left, although all of it is within the round trip', () => {
    const flow = fenced();
    send(flow, 100);
    flow.frameReady(105, 100_000);
    flow.frameReady(130, 0);
    flow.congestion.acknowledged(140);
    assert.deepEqual(send(flow, 140), { networkMs: 25, clientMs: 0 });
  });

  test('a frame waits for the link until an answer arrives, however late the server handles it', () => {
    const flow = fenced();
    send(flow, 100);
    flow.frameReady(110, 0);
    flow.congestion.acknowledged(400);
    flow.answered(160, 400);
    flow.frameReady(400, 0);
    assert.deepEqual(send(flow, 400), { networkMs: 20, clientMs: 0 }, 'overdue from 140 to 160');
  });

  test('a frame waits for the network only while the link has bytes to carry, however long the server keeps them', () => {
    let busyMs: number | undefined = 1000;
    const flow = new ViewerFlow(() => busyMs);
    let nowMs = 0;
    /** A frame waits for the socket for 90 ms. Returns how much of that it waited for the network. */
    const wait = (linkMs: number): number => {
      nowMs += 100;
      flow.requested(0);
      flow.frameReady(nowMs, 5000);
      if (busyMs !== undefined) busyMs += linkMs;
      flow.frameReady(nowMs + 30, 4000);
      return send(flow, nowMs + 90).networkMs;
    };
    assert.equal(wait(0), 0, 'the bytes waited for a turn of the main thread');
    assert.equal(wait(30), 30);
    assert.equal(wait(500), 90, 'never more than the wait');
    busyMs = undefined;
    assert.equal(wait(0), 90, 'the kernel does not tell');
  });

  test('an update is under way once the socket has taken it', () => {
    for (const [leftAtMs, networkMs] of [
      [100, 160],
      [200, 60],
      [250, 10],
    ] as const) {
      const flow = fenced();
      send(flow, 100);
      flow.drained(leftAtMs);
      flow.frameReady(110, 0);
      flow.drained(299);
      flow.congestion.acknowledged(300);
      assert.deepEqual(send(flow, 300), { networkMs, clientMs: 0 }, `overdue since ${leftAtMs + 40}`);
    }
  });

  test('a frame that turned out to have no change has waited for nothing, and silences no viewer', () => {
    const flow = fenced();
    send(flow, 100);
    flow.frameReady(110, 0);
    flow.frameReady(200, 0);
    flow.nothingReady();
    assert.equal(flow.silentSinceMs(0), undefined);
    flow.congestion.acknowledged(300);
    flow.frameReady(400, 0);
    assert.deepEqual(send(flow, 9_000), { networkMs: 0, clientMs: 0 });
  });

  test('a wait that is noted late, with its earlier time, counts once', () => {
    const flow = new ViewerFlow();
    flow.frameReady(100, 0);
    flow.frameReady(130, 0);
    flow.frameReady(120, 0);
    flow.requested(0);
    assert.deepEqual(send(flow, 150), { networkMs: 0, clientMs: 50 });
  });

  test('a viewer whose fences were given up is held back by its link until it is heard of again', () => {
    for (const [what, heard] of Object.entries({
      request: (flow: ViewerFlow): void => flow.requested(0),
      answer: (flow: ViewerFlow): void => flow.answered(150, 150),
    })) {
      const flow = new ViewerFlow();
      flow.fences = true;
      flow.isUnanswered = true;
      flow.frameReady(100, 0);
      assert.equal(flow.standing(0, 100), 'client', what);
      assert.equal(flow.silentSinceMs(0), 100, what);
      heard(flow);
      flow.frameReady(150, 0);
      assert.equal(flow.silentSinceMs(0), undefined, what);
      flow.requested(0);
      assert.equal(send(flow, 150).networkMs, 50, what);
    }
  });

  test('a viewer without fences waits for the network while its link carries the update before', () => {
    const flow = new ViewerFlow();
    flow.frameReady(100, 0);
    flow.requested(0);
    assert.deepEqual(flow.updateBegins(500, 430), { networkMs: 330, clientMs: 70 });
    flow.updateEnds(500, 500, 1);
    flow.frameReady(600, 0);
    flow.requested(0);
    assert.deepEqual(flow.updateBegins(700, 550), { networkMs: 0, clientMs: 100 });
    flow.updateEnds(700, 700, 1);
    flow.frameReady(800, 0);
    flow.frameReady(900, 0);
    assert.equal(flow.silentSinceMs(4_000, 4_000), 800, 'the link still carries it');
    assert.equal(flow.silentSinceMs(4_000, 3_000), undefined);
    assert.equal(flow.silentSinceMs(4_000), undefined);
  });

  test('silence begins when a frame is ready that the network holds back, and ends with an update', () => {
    const flow = new ViewerFlow();
    flow.requested(0);
    assert.equal(flow.silentSinceMs(0), undefined);
    flow.frameReady(100, 5000);
    flow.frameReady(900, 5000);
    assert.equal(flow.silentSinceMs(0), 100);
    send(flow, 1000);
    assert.equal(flow.silentSinceMs(0), undefined);
  });

  test('a viewer that has taken everything and requests nothing is not silenced by the network', () => {
    const flow = new ViewerFlow();
    flow.frameReady(100, 5000);
    flow.frameReady(200, 0);
    assert.equal(flow.standing(0, 0), 'client');
    assert.equal(flow.silentSinceMs(0), undefined);
  });
});

test('a slow link keeps its known rate during small updates that share fences', () => {
  const bytesPerMs = 20;
  const roundTripMs = 40;
  const flow = new ViewerFlow();
  flow.fences = true;
  let freeAtMs = 0;
  const answers: number[] = [];
  const update = (atMs: number, bytes: number): void => {
    while (answers[0] !== undefined && answers[0] <= atMs) flow.congestion.acknowledged(answers.shift()!);
    freeAtMs = Math.max(freeAtMs, atMs) + bytes / bytesPerMs;
    if (flow.updateEnds(atMs, atMs, bytes)) answers.push(freeAtMs + roundTripMs);
  };
  flow.congestion.sent(0, 0, 0);
  answers.push(roundTripMs);
  let nowMs = 2 * roundTripMs;
  for (let i = 0; i < 6; i++, nowMs = freeAtMs + 2 * roundTripMs) update(nowMs, 60_000);
  for (let i = 0; i < 300; i++, nowMs += 33) update(nowMs, 300);
  const rate = flow.congestion.limitingRate ?? 0;
  assert.ok(Math.abs(rate - bytesPerMs) < 0.15 * bytesPerMs, `${rate} bytes a ms`);
});

suite('a viewer with a frame rate', () => {
  const INTERVAL_MS = 1000 / 24;

  test('a viewer is sent no more updates a second than its frame rate, and as many of a desktop that changes more often', () => {
    const flow = new ViewerFlow();
    flow.continuous = true;
    flow.updateIntervalMs = INTERVAL_MS;
    let updates = 0;
    for (let nowMs = 1000; nowMs < 11_000; nowMs += 1000 / 60) {
      if (flow.standing(0, nowMs) !== 'ready') continue;
      send(flow, nowMs);
      updates++;
    }
    assert.ok(updates >= 239 && updates <= 242, `${updates} updates in ten seconds`);
  });

  test('a viewer that waits for its frame rate is held up by nothing, and is woken when the wait is over', () => {
    const flow = new ViewerFlow();
    flow.continuous = true;
    flow.updateIntervalMs = INTERVAL_MS;
    send(flow, 1000);
    assert.equal(flow.standing(0, 1001), 'paced');
    flow.frameReady(1001, 0);
    const atMs = flow.roomAtMs(1001)!;
    assert.ok(atMs > 1001 && atMs <= 1000 + INTERVAL_MS);
    assert.equal(flow.standing(0, atMs), 'ready');
    assert.deepEqual(send(flow, atMs), { networkMs: 0, clientMs: 0 });
  });

  test('a change after a pause is sent at once', () => {
    const flow = new ViewerFlow();
    flow.continuous = true;
    flow.updateIntervalMs = 100;
    send(flow, 1000);
    assert.equal(flow.standing(0, 5000), 'ready');
  });
});
