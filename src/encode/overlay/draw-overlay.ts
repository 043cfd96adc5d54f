import type { Rect, Size } from '../../pixels/rect.ts';
import { BYTES_PER_PIXEL } from '../../pixels/shared-frame.ts';
import { visibleRect } from '../../pixels/visible-region.ts';
import type { PixelSource } from '../encoders/pixel-source.ts';
import { type Copies, copiesOf, type Mark, type Overlay, type Stamp } from './overlay.ts';

/** Pixels that may be changed. They show a part of the screen, at its size or scaled down. */
type Target = Pick<PixelSource, 'width' | 'height' | 'stridePx' | 'bytes' | 'words'>;

/**
 * Burns an overlay into pixels that show the part `rect` of a screen. In pixels that are scaled down, each one that
 * covers a concealed pixel becomes black, so that nothing of it can be computed back.
 */
export function drawOverlay(target: Target, rect: Rect, overlay: Overlay, screen: Size): void {
  if (overlay.mark) drawMark(target, rect, overlay.mark, screen);
  if (overlay.visible) conceal(target, rect, visibleRect(overlay.visible, screen));
}

/** Paints everything outside `visible` black. */
function conceal({ words, stridePx, width, height }: Target, rect: Rect, visible: Rect): void {
  const [left, right] = insideOf(visible.x - rect.x, visible.width, rect.width, width);
  const [top, bottom] = insideOf(visible.y - rect.y, visible.height, rect.height, height);
  for (let y = 0; y < height; y++) {
    const start = y * stridePx;
    if (y < top || y >= bottom) {
      words.fill(0, start, start + width);
    } else {
      words.fill(0, start, start + left);
      words.fill(0, start + right, start + width);
    }
  }
}

/**
 * The range of target pixels that cover nothing but source pixels from `at` on, `length` of them. `from` source pixels
 * were scaled to `to`.
 */
function insideOf(at: number, length: number, from: number, to: number): [start: number, end: number] {
  const clamp = (place: number): number => Math.max(0, Math.min(to, place));
  const start = clamp(Math.ceil((at * to) / from));
  return [start, Math.max(start, clamp(Math.floor(((at + length) * to) / from)))];
}

function drawMark(target: Target, rect: Rect, mark: Mark, screen: Size): void {
  const copies = copiesOf(mark, screen);
  if (target.width === rect.width && target.height === rect.height) {
    for (let row = 0; row < rect.height; row++)
      forEachInk(mark.stamp, copies, rect, row, (x, alpha) => mix(target, x, row, mark, alpha));
  } else {
    drawScaledMark(target, rect, mark, copies);
  }
}

/** Each target pixel gets the strongest ink that it covers: thin strokes must not be lost between two pixels. */
function drawScaledMark(target: Target, rect: Rect, mark: Mark, copies: Copies): void {
  const { width, height } = target;
  const inks = new Uint8Array(width);
  for (let row = 0; row < height; row++) {
    inks.fill(0);
    const end = Math.ceil(((row + 1) * rect.height) / height);
    for (let from = Math.floor((row * rect.height) / height); from < end; from++)
      forEachInk(mark.stamp, copies, rect, from, (x, alpha) => {
        const column = Math.floor((x * width) / rect.width);
        if (alpha > inks[column]!) inks[column] = alpha;
      });
    for (let column = 0; column < width; column++)
      if (inks[column] !== 0) mix(target, column, row, mark, inks[column]!);
  }
}

/** Calls `visit` with the ink in one row of `rect`, counted from its top, and its distance from the left. */
function forEachInk(
  stamp: Stamp,
  { first, pitch }: Copies,
  rect: Rect,
  row: number,
  visit: (x: number, alpha: number) => void,
): void {
  const y = rect.y + row - first.y;
  const stampRow = pitch ? y - Math.floor(y / pitch.y) * pitch.y : y;
  if (stampRow < 0 || stampRow >= stamp.height) return;
  const begin = stamp.rows[stampRow]!;
  const end = stamp.rows[stampRow + 1]!;
  if (begin === end) return;
  const right = rect.x + rect.width;
  const step = pitch?.x ?? Number.POSITIVE_INFINITY;
  const firstX = pitch
    ? first.x - Math.floor((first.x + first.width - 1 - rect.x) / pitch.x) * pitch.x
    : first.x;
  for (let copyX = firstX; copyX < right; copyX += step) {
    for (let at = begin; at < end; at++) {
      const x = copyX + stamp.columns[at]! - rect.x;
      if (x < 0) continue;
      if (x >= rect.width) break;
      visit(x, stamp.alphas[at]!);
    }
  }
}

function mix({ bytes, stridePx }: Target, x: number, y: number, { red, green, blue }: Mark, alpha: number) {
  const at = (y * stridePx + x) * BYTES_PER_PIXEL;
  bytes[at] = mixed(bytes[at]!, blue, alpha);
  bytes[at + 1] = mixed(bytes[at + 1]!, green, alpha);
  bytes[at + 2] = mixed(bytes[at + 2]!, red, alpha);
}

/** The colour `over` with an opacity of `alpha` / 255 over `below`. */
const mixed = (below: number, over: number, alpha: number): number =>
  below + Math.round(((over - below) * alpha) / 255);
