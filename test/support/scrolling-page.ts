import type { Rect } from '../../src/pixels/rect.ts';
import * as wire from '../../src/protocol/constants.ts';
import { CONTINUOUS } from './memory-viewer.ts';
import type { TestSession } from './test-session.ts';

/** Place of a page that is scrolled. */
export const PAGE: Rect = { x: 20, y: 30, width: 400, height: 350 };

/** A viewer with continuous updates that supports CopyRect. */
export const COPYING = {
  encodings: [...CONTINUOUS, wire.ENCODING_COPY_RECT],
  updates: 'continuous',
} as const;

/** Paints a page that looks different everywhere. */
export function paintPage(room: TestSession, page: Rect = PAGE): void {
  const pixels = Uint32Array.from(
    { length: page.width * page.height },
    (_, i) => (Math.imul(i + 1, 0x9e3779b1) >>> 8) & 0xffffff,
  );
  room.desktop.paint(page, pixels);
}
