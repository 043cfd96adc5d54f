import { BoundedMap } from '../../common/bounded-map.ts';
import type { CursorImage } from '../../desktop/desktop.ts';
import { type CursorKind, cursorRect } from '../../protocol/cursor.ts';
import type { PixelFormat } from '../../protocol/pixel-format.ts';

/**
 * Forms of one cursor that are kept, 256 KiB each at most. With fewer, viewers of many kinds have the cursor made anew
 * for each of them; more take memory.
 */
const MOST_FORMS = 4;

const formsByCursor = new WeakMap<CursorImage, BoundedMap<string, Uint8Array>>();

/**
 * The cursor as a rect. Viewers of one kind share it: a program that animates a large cursor would otherwise take the
 * main thread a millisecond for each viewer and each change.
 */
export function sharedCursorRect(kind: CursorKind, cursor: CursorImage, format: PixelFormat): Uint8Array {
  const forms = formsByCursor.get(cursor) ?? new BoundedMap(MOST_FORMS);
  formsByCursor.set(cursor, forms);
  // Only cursors with a mask have pixels in the viewer's format.
  const key = kind === 'cursor' ? JSON.stringify(format) : kind;
  const made = forms.touch(key) ?? cursorRect(kind, cursor, format);
  if (!forms.has(key)) forms.set(key, made);
  return made;
}
