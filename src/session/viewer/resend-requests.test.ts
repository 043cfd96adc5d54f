import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Rect } from '../../pixels/rect.ts';
import { RESEND_INTERVAL_MS, ResendRequests } from './resend-requests.ts';

/** Requests with a clock of their own, and what was sent again. */
function create(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let nowMs = 0;
  let wakes = 0;
  const resent: Rect[] = [];
  const requests = new ResendRequests({
    now: () => nowMs,
    resend: (rect) => resent.push(rect),
    wake: () => wakes++,
  });
  const advance = (ms: number): void => {
    nowMs += ms;
    t.mock.timers.tick(ms);
  };
  return { requests, resent, advance, wakes: () => wakes };
}

const at = (x: number): Rect => ({ x, y: 0, width: 10, height: 10 });

test('the first request is granted at once', (t) => {
  const { requests, resent } = create(t);
  requests.ask(at(0));
  assert.deepEqual(resent, [at(0)]);
});

test('a flood of requests is merged into one for each interval', (t) => {
  const { requests, resent, advance, wakes } = create(t);
  for (let i = 0; i < 1000; i++) {
    requests.ask(at(i));
    advance(1);
  }
  advance(RESEND_INTERVAL_MS);
  assert.ok(resent.length <= 1 + 1000 / RESEND_INTERVAL_MS + 1, String(resent.length));
  assert.equal(wakes(), resent.length - 1);
  const last = resent.at(-1)!;
  assert.equal(last.x + last.width, 999 + 10, 'nothing that was requested is left out');
});

test('nothing is sent again after the close', (t) => {
  const { requests, resent, advance } = create(t);
  requests.ask(at(0));
  requests.ask(at(1));
  requests.close();
  advance(10 * RESEND_INTERVAL_MS);
  assert.equal(resent.length, 1);
});
