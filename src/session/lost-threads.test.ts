import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { CONTINUOUS } from '../../test/support/memory-viewer.ts';
import { TestSession } from '../../test/support/test-session.ts';
import { waitFor } from '../../test/support/wait-for.ts';

const SIZE = { width: 600, height: 400 };

test('a viewer gets its frame if an encoder thread ends while it has a rect of the frame', async (t) => {
  await using room = new TestSession({ size: SIZE });
  const viewer = await room.connect({ encodings: CONTINUOUS, updates: 'continuous' });
  await room.untilShown(viewer);
  // The first picture may be encoded before there are threads.
  await waitFor('the encoder threads', () => room.session.metrics().encoder.threads > 0);
  const post = Worker.prototype.postMessage;
  let sent = 0;
  t.mock.method(Worker.prototype, 'postMessage', function (this: Worker, message: unknown) {
    // Terminated first, so that it cannot be done before it ends.
    if (sent++ === 0) void this.terminate();
    post.call(this, message);
  });
  // Two colours, so that no thread is inside native code of the JPEG encoder.
  room.desktop.paint({ x: 100, y: 50, width: 400, height: 300 }, 0x336699);
  await room.untilShown(viewer);
  assert.ok(sent > 1, 'the rect went to a thread that ended, and then to another one');
  assert.equal(viewer.wire.isOver, false);
});
