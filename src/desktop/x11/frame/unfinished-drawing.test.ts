import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnfinishedDrawing } from './unfinished-drawing.ts';

const CAPTURE_MS = 5;

/** A clock, and damage that is captured at once or after its wait. */
class Screen {
  readonly #drawing = new UnfinishedDrawing();
  ms = 0;

  /** Draws after `afterMs`, and returns how long the capture waited. */
  draw(afterMs: number): number {
    this.ms += afterMs;
    const waitMs = this.#drawing.damaged(this.ms);
    this.#drawing.captureBegins();
    this.ms += CAPTURE_MS + waitMs;
    this.#drawing.captureEnded(this.ms);
    return waitMs;
  }
}

test('captures do not wait for a program that draws each picture in one step', () => {
  const screen = new Screen();
  for (const afterMs of [0, 28, 11, 11, 28, 11.7]) assert.equal(screen.draw(afterMs), 0);
});

test('captures wait for a program that drew the rest of two pictures after their captures', () => {
  const screen = new Screen();
  screen.draw(0);
  assert.equal(screen.draw(1), 0);
  screen.draw(28);
  assert.ok(screen.draw(1) > 0);
  assert.ok(screen.draw(28) > 0);
});

test('what is damaged before a capture ends is the rest of something', () => {
  const drawing = new UnfinishedDrawing();
  for (const ms of [0, 100]) {
    drawing.damaged(ms);
    drawing.captureBegins();
    assert.equal(drawing.damaged(ms + 4) > 0, ms === 100);
    drawing.captureEnded(ms + 5);
  }
});

test('one rest is taken for chance, and so are two that lie far apart', () => {
  const screen = new Screen();
  screen.draw(0);
  screen.draw(1);
  for (let frame = 0; frame < 16; frame++) assert.equal(screen.draw(28), 0);
  assert.equal(screen.draw(1), 0);
});

test('a picture that follows a slow capture at once is no rest', () => {
  const drawing = new UnfinishedDrawing();
  for (let ms = 0; ms < 170; ms += 17) {
    assert.equal(drawing.damaged(ms), 0);
    drawing.captureBegins();
    drawing.captureEnded(ms + 16);
  }
});

test('captures stop waiting some time after the last rest', () => {
  const screen = new Screen();
  for (const afterMs of [0, 1, 28, 1]) screen.draw(afterMs);
  let waited = 0;
  while (waited < 1000 && screen.draw(28) > 0) waited++;
  assert.ok(waited > 30 && waited < 100, `${waited} captures waited`);
});
