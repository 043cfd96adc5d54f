import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { EARLY_SHARE } from '../../common/pace.ts';
import { CapturePace, FIRST_RETRY_MS, LONGEST_RETRY_MS } from './capture-pace.ts';

const INTERVAL_MS = 20;

suite('the capture pace', () => {
  test('the first capture may begin at once, and the next after an interval', () => {
    const pace = new CapturePace(INTERVAL_MS);
    assert.ok(pace.dueAtMs <= 1000);
    pace.began(1000);
    assert.equal(pace.dueAtMs, 1000 + INTERVAL_MS * (1 - EARLY_SHARE));
  });

  test('captures never begin more often than the rate allows, plus one', () => {
    const pace = new CapturePace(INTERVAL_MS);
    let begun = 0;
    for (let nowMs = 1000; nowMs < 2000; nowMs++) {
      if (nowMs < pace.dueAtMs) continue;
      pace.began(nowMs);
      begun++;
    }
    assert.ok(begun >= 1000 / INTERVAL_MS && begun <= 1000 / INTERVAL_MS + 1, `${begun} captures`);
  });

  test('no frame is lost of a program that paints at the highest rate with a jittery timer', () => {
    const pace = new CapturePace(INTERVAL_MS);
    for (let i = 0; i < 100; i++) {
      const paintedAtMs = 1000 + i * INTERVAL_MS + (i % 3) * 3;
      assert.ok(pace.dueAtMs <= paintedAtMs, `frame ${i}`);
      pace.began(paintedAtMs);
    }
  });

  test('the wait for a capture doubles after each failure in a row, up to a limit', () => {
    const pace = new CapturePace(INTERVAL_MS);
    const waits: number[] = [];
    let nowMs = 1000;
    for (let i = 0; i < 8; i++) {
      pace.began(nowMs);
      pace.failed(nowMs);
      waits.push(pace.dueAtMs - nowMs);
      nowMs = pace.dueAtMs;
    }
    assert.deepEqual(
      waits.slice(0, 4),
      [1, 2, 4, 8].map((times) => times * FIRST_RETRY_MS),
    );
    assert.deepEqual(waits.slice(6), [LONGEST_RETRY_MS, LONGEST_RETRY_MS]);
    assert.equal(pace.failures, 8);
  });

  test('the wait for a capture is finite after a thousand failures in a row', () => {
    const pace = new CapturePace(INTERVAL_MS);
    for (let i = 0; i < 2000; i++) pace.failed(1000);
    assert.equal(pace.dueAtMs, 1000 + LONGEST_RETRY_MS);
  });

  test('captures are back at their usual rate after a success', () => {
    const pace = new CapturePace(INTERVAL_MS);
    for (let i = 0; i < 5; i++) pace.failed(1000);
    pace.recovered();
    assert.equal(pace.failures, 0);
    assert.ok(pace.dueAtMs <= 1000);
    pace.failed(1000);
    assert.equal(pace.dueAtMs, 1000 + FIRST_RETRY_MS);
  });
});
