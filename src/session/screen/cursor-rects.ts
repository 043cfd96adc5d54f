import { BoundedMap } from '../../common/bounded-map.ts';
import type { CursorImage } from '../../desktop/desktop.ts';
import { type CursorKind, cursorRect } from '../../protocol/cursor.ts';
import type { PixelFormat } from '../../protocol/pixel-format.ts';

/**
 * Forms of one cursor that are kept, 256 KiB each at most. With fewer, viewers of many kinds have the cursor made anew
 * for each of them; more take memory.
 */
const MOST_FORMS = 4;

/**
 * The cursor as viewers are sent it. Those of one kind share a rect: a program that animates a large cursor would
 * otherwise take the main thread a millisecond for each viewer and each change.
 */
export class CursorRects {
  #cursor: CursorImage | undefined;
  #forms = new BoundedMap<string, Uint8Array>(MOST_FORMS);

  of(cursor: CursorImage, kind: CursorKind, format: PixelFormat): Uint8Array {
    if (cursor !== this.#cursor) {
      this.#cursor = cursor;
      this.#forms = new BoundedMap(MOST_FORMS);
    }
    // Only cursors with a mask have pixels in the viewer's format.
    const key = kind === 'cursor' ? JSON.stringify(format) : kind;
    const made = this.#forms.touch(key) ?? cursorRect(kind, cursor, format);
    if (!this.#forms.has(key)) this.#forms.set(key, made);
    return made;
  }
}
