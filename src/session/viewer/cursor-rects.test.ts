import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cursorRect } from '../../protocol/cursor.ts';
import { SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { sharedCursorRect } from './cursor-rects.ts';

const cursor = { width: 2, height: 1, hotX: 0, hotY: 0, pixels: new Uint8Array(8).fill(255) };
const formats = [5, 4, 3, 2, 1].map((redShift) => ({ ...SERVER_PIXEL_FORMAT, redShift }));

test('viewers that are sent the cursor in the same form share its bytes', () => {
  for (const kind of ['alpha', 'vmware', 'cursor'] as const) {
    const made = sharedCursorRect(kind, cursor, SERVER_PIXEL_FORMAT);
    assert.deepEqual(made, cursorRect(kind, cursor, SERVER_PIXEL_FORMAT));
    assert.equal(sharedCursorRect(kind, cursor, SERVER_PIXEL_FORMAT), made);
  }
  assert.equal(
    sharedCursorRect('alpha', cursor, formats[0]!),
    sharedCursorRect('alpha', cursor, formats[1]!),
  );
  assert.notEqual(
    sharedCursorRect('cursor', cursor, formats[0]!),
    sharedCursorRect('cursor', cursor, formats[1]!),
  );
});

test('another cursor has other bytes, and forms of many formats are not all kept', () => {
  const first = sharedCursorRect('cursor', cursor, formats[0]!);
  for (const format of formats.slice(1)) sharedCursorRect('cursor', cursor, format);
  assert.notEqual(sharedCursorRect('cursor', cursor, formats[0]!), first);
  const other = { ...cursor, pixels: new Uint8Array(8) };
  assert.deepEqual(sharedCursorRect('alpha', other, formats[0]!), cursorRect('alpha', other, formats[0]!));
});
