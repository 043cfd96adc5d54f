import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cursorRect } from '../../protocol/cursor.ts';
import { SERVER_PIXEL_FORMAT } from '../../protocol/pixel-format.ts';
import { CursorRects } from './cursor-rects.ts';

const cursor = { width: 2, height: 1, hotX: 0, hotY: 0, pixels: new Uint8Array(8).fill(255) };
const formats = [5, 4, 3, 2, 1].map((redShift) => ({ ...SERVER_PIXEL_FORMAT, redShift }));

test('viewers that are sent the cursor in the same form share its bytes', () => {
  const rects = new CursorRects();
  for (const kind of ['alpha', 'vmware', 'cursor'] as const) {
    const made = rects.of(cursor, kind, SERVER_PIXEL_FORMAT);
    assert.deepEqual(made, cursorRect(kind, cursor, SERVER_PIXEL_FORMAT));
    assert.equal(rects.of(cursor, kind, SERVER_PIXEL_FORMAT), made);
  }
  assert.equal(rects.of(cursor, 'alpha', formats[0]!), rects.of(cursor, 'alpha', formats[1]!));
  assert.notEqual(rects.of(cursor, 'cursor', formats[0]!), rects.of(cursor, 'cursor', formats[1]!));
});

test('another cursor has other bytes, and forms of many formats are not all kept', () => {
  const rects = new CursorRects();
  const first = rects.of(cursor, 'cursor', formats[0]!);
  for (const format of formats.slice(1)) rects.of(cursor, 'cursor', format);
  assert.notEqual(rects.of(cursor, 'cursor', formats[0]!), first);
  const other = { ...cursor, pixels: new Uint8Array(8) };
  assert.deepEqual(rects.of(other, 'alpha', formats[0]!), cursorRect('alpha', other, formats[0]!));
});
