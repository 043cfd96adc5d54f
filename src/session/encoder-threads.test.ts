import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { CONTINUOUS } from '../../test/support/memory-viewer.ts';
import { TestSession } from '../../test/support/test-session.ts';
import { waitFor } from '../../test/support/wait-for.ts';

const SIZE = { width: 320, height: 200 };
/** Longer than the threads are kept without a viewer. */
const END_LIMIT_MS = 60_000;

/** Returns the number of encoder threads of this process. */
function encoderThreads(): number {
  const names = readdirSync('/proc/self/task').map((task) => {
    try {
      return readFileSync(`/proc/self/task/${task}/comm`, 'utf8');
    } catch {
      return '';
    }
  });
  return names.filter((name) => name.startsWith('deskwire-encod')).length;
}

test('encoder threads run only while there is a viewer, and a while after the last one has left', async () => {
  await using room = new TestSession({ size: SIZE });
  assert.equal(encoderThreads(), 0);
  const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
  await room.untilShown(viewer);
  // A thread gets its name when it first runs.
  await waitFor('the encoder threads', () => encoderThreads() > 0);
  viewer.wire.vanish();
  await waitFor('the end of the encoder threads', () => encoderThreads() === 0, END_LIMIT_MS);
  const other = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
  await room.untilShown(other);
});

test('a viewer that is expected finds the picture, and encoder threads where there are cores enough', async () => {
  await using room = new TestSession({ size: SIZE });
  for (let i = 0; i < 5; i++) room.session.expectViewer();
  await room.quiet();
  assert.equal(room.desktop.captures, 1, 'one look for any number of them');
  // With two cores, threads would take the time of the picture.
  const startAhead = availableParallelism() > 2;
  if (startAhead) await waitFor('the encoder threads', () => room.session.metrics().encoder.threads > 0);
  const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
  await room.untilShown(viewer);
  assert.equal(room.desktop.captures, 1, 'nothing has changed since');
  viewer.wire.vanish();
  await waitFor('the end of the encoder threads', () => encoderThreads() === 0, END_LIMIT_MS);
  room.session.expectViewer();
  if (startAhead) await waitFor('the encoder threads', () => encoderThreads() > 0);
  await waitFor('the end of the encoder threads', () => encoderThreads() === 0, END_LIMIT_MS);
});
