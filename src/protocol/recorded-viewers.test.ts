import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteQueue } from './byte-queue.ts';
import { ClientMessageReader } from './client-messages.ts';
import { CLIPBOARD_TEXT } from './constants.ts';
import { ServerHandshake } from './handshake.ts';
import { parseEncodings } from './settings-from-encodings.ts';
import { drain, hex } from './split.test-support.ts';

/** Everything that TigerVNC's viewer 1.12 sent in a recorded session at 24 bits. */
const TIGERVNC_24 = hex(`
  524642203030332e3030380a 01 01
  02000016 fffffec6 574d5664 ffffff11 ffffff10 574d5666 ffffff21 fffffecc fffffecd ffffff20 c0a1e5ce fffffec7
  fffffec8 fffffefe 00000007 00000001 00000010 00000005 00000002 00000001 00000000 ffffff02 ffffffe8
  03000000 00000140 00c8 03010000 00000140 00c8
  f8000000 00000000 01 01
  06000000 fffffff8 1f000001 00000000`);

/** The beginning of the same with its setting "256 colours". */
const TIGERVNC_8 = hex(`
  524642203030332e3030380a 01 01
  00000000 0808 00 01 0007 0007 0003 05 02 00 000000
  02000016 fffffec6 574d5664 ffffff11 ffffff10 574d5666 ffffff21 fffffecc fffffecd ffffff20 c0a1e5ce fffffec7
  fffffec8 fffffefe 00000007 00000001 00000010 00000005 00000002 00000001 00000000 ffffff02 ffffffe8
  03000000 00000140 00c8`);

function replay(bytes: Uint8Array) {
  const queue = new ByteQueue();
  queue.push(bytes);
  const handshake = new ServerHandshake(() => ({ width: 320, height: 200, name: 'recorded' }));
  assert.equal(handshake.advance(queue).done, true);
  const reader = new ClientMessageReader(queue);
  return { messages: drain(reader), dialect: reader.dialect };
}

test('a recorded session of TigerVNC’s viewer is read', () => {
  const { messages, dialect } = replay(TIGERVNC_24);
  assert.equal(dialect, 'standard');
  const types = ['setEncodings', 'updateRequest', 'updateRequest', 'fence', 'extendedClipboard'];
  assert.deepEqual(
    messages.map(({ type }) => type),
    types,
  );
  const [list, whole, , , clipboard] = messages;
  assert.ok(list?.type === 'setEncodings');
  const settings = parseEncodings(list.encodings);
  const { encoding, cursor, fence, continuousUpdates, qualityLevel, compressionLevel, kasm } = settings;
  assert.deepEqual([encoding, cursor, fence, continuousUpdates], ['tight', 'alpha', true, true]);
  assert.deepEqual([qualityLevel, compressionLevel, kasm], [8, 2, false]);
  const area = { x: 0, y: 0, width: 320, height: 200 };
  assert.deepEqual(whole, { type: 'updateRequest', incremental: false, ...area });
  assert.ok(clipboard?.type === 'extendedClipboard' && clipboard.flags & CLIPBOARD_TEXT);
});

test('a recorded session of TigerVNC’s viewer in 256 colours is read', () => {
  const { messages } = replay(TIGERVNC_8);
  assert.deepEqual(messages[0], {
    type: 'setPixelFormat',
    format: {
      bitsPerPixel: 8,
      depth: 8,
      bigEndian: false,
      trueColour: true,
      redMax: 7,
      greenMax: 7,
      blueMax: 3,
      redShift: 5,
      greenShift: 2,
      blueShift: 0,
    },
  });
  assert.equal(messages.length, 3);
});
