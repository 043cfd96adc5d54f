import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CaptureSchedule, EARLY_SHARE, FIRST_RETRY_MS, LONGEST_RETRY_MS } from './capture-schedule.ts';

const INTERVAL_MS = 20;

suite('the capture schedule', () => {
  test('the first capture may begin at once, and the next after an interval', () => {
    const schedule = new CaptureSchedule(INTERVAL_MS);
    assert.ok(schedule.dueAtMs <= 1000);
    schedule.began(1000);
    assert.equal(schedule.dueAtMs, 1000 + INTERVAL_MS * (1 - EARLY_SHARE));
  });

  test('captures never begin more often than the rate allows, plus one', () => {
    const schedule = new CaptureSchedule(INTERVAL_MS);
    let begun = 0;
    for (let nowMs = 1000; nowMs < 2000; nowMs++) {
      if (nowMs < schedule.dueAtMs) continue;
      schedule.began(nowMs);
      begun++;
    }
    assert.ok(begun >= 1000 / INTERVAL_MS && begun <= 1000 / INTERVAL_MS + 1, `${begun} captures`);
  });

  test('no frame is lost of a program that paints at the highest rate with a jittery timer', () => {
    const schedule = new CaptureSchedule(INTERVAL_MS);
    for (let i = 0; i < 100; i++) {
      const paintedAtMs = 1000 + i * INTERVAL_MS + (i % 3) * 3;
      assert.ok(schedule.dueAtMs <= paintedAtMs, `frame ${i}`);
      schedule.began(paintedAtMs);
    }
  });

  test('the wait for a capture doubles after each failure in a row, up to a limit', () => {
    const schedule = new CaptureSchedule(INTERVAL_MS);
    const waits: number[] = [];
    let nowMs = 1000;
    for (let i = 0; i < 8; i++) {
      schedule.began(nowMs);
      schedule.failed(nowMs);
      waits.push(schedule.dueAtMs - nowMs);
      nowMs = schedule.dueAtMs;
    }
    assert.deepEqual(
      waits.slice(0, 4),
      [1, 2, 4, 8].map((times) => times * FIRST_RETRY_MS),
    );
    assert.deepEqual(waits.slice(6), [LONGEST_RETRY_MS, LONGEST_RETRY_MS]);
    assert.equal(schedule.failures, 8);
  });

  test('the wait for a capture is finite after a thousand failures in a row', () => {
    const schedule = new CaptureSchedule(INTERVAL_MS);
    for (let i = 0; i < 2000; i++) schedule.failed(1000);
    assert.equal(schedule.dueAtMs, 1000 + LONGEST_RETRY_MS);
  });

  test('captures are back at their usual rate after a success', () => {
    const schedule = new CaptureSchedule(INTERVAL_MS);
    for (let i = 0; i < 5; i++) schedule.failed(1000);
    schedule.recovered();
    assert.equal(schedule.failures, 0);
    assert.ok(schedule.dueAtMs <= 1000);
    schedule.failed(1000);
    assert.equal(schedule.dueAtMs, 1000 + FIRST_RETRY_MS);
  });
});
