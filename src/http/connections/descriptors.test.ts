import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { pino } from 'pino';
import { waitFor } from '../../../test/support/wait-for.ts';
import { Descriptors } from './descriptors.ts';

/** Descriptors of a process that may have `limit` of them, and the codes and messages of their log. */
function create(t: TestContext, limit: number) {
  const lines: { level: number; code?: string; refused?: number }[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const descriptors = new Descriptors({ log, limit });
  t.after(() => descriptors.close());
  return { descriptors, lines };
}

test('the last 64 descriptors, or a quarter of few, are given to no connection', (t) => {
  const many = create(t, 1024).descriptors;
  assert.equal(many.refuses(959), false);
  assert.equal(many.refuses(960), true);
  const few = create(t, 100).descriptors;
  assert.equal(few.refuses(74), false);
  assert.equal(few.refuses(75), true);
});

test('a shortage is logged when it begins, and with its refused connections when it ends', async (t) => {
  // The reserve of 64 has to be free twice in this process for the shortage to end.
  const { descriptors, lines } = create(t, readdirSync('/proc/self/fd').length + 400);
  for (let i = 0; i < 10; i++) assert.equal(descriptors.refuses(100_000), true);
  assert.deepEqual(
    lines.map(({ level, code }) => [level, code]),
    [[50, 'HTTP_DESCRIPTORS_SHORT']],
  );
  await waitFor('the end of the shortage', () => lines.length === 2);
  assert.equal(lines[1]!.refused, 10);
});

test('during a shortage, a connection whose descriptor is not known is refused', async (t) => {
  const { descriptors } = create(t, readdirSync('/proc/self/fd').length + 400);
  assert.equal(descriptors.refuses(undefined), false);
  descriptors.refuses(100_000);
  assert.equal(descriptors.refuses(undefined), true);
  await waitFor('the end of the shortage', () => !descriptors.refuses(undefined));
});

test('a shortage that connections did not cause is found as well', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const files = Array.from({ length: 100 }, () => openSync('/dev/null', 'r'));
  t.after(() => {
    for (const file of files) closeSync(file);
  });
  const { lines } = create(t, readdirSync('/proc/self/fd').length);
  t.mock.timers.tick(5000);
  t.mock.timers.reset();
  await waitFor('the shortage', () => lines.some(({ code }) => code === 'HTTP_DESCRIPTORS_SHORT'));
});
