import type { Rect, Size } from '../../pixels/rect.ts';
import { BYTES_PER_PIXEL } from '../../pixels/shared-frame.ts';
import { visibleRect } from '../../pixels/visible-region.ts';
import type { PixelSource } from '../encoders/pixel-source.ts';
import { copiesOf, type Mark, type Overlay } from './overlay.ts';

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

function drawMark({ width, height, stridePx, bytes }: Target, rect: Rect, mark: Mark, screen: Size): void {
  const { stamp, red, green, blue } = mark;
  const { first, pitch } = copiesOf(mark, screen);
  const right = rect.x + rect.width;
  const firstX = pitch
    ? first.x - Math.floor((first.x + first.width - 1 - rect.x) / pitch.x) * pitch.x
    : first.x;
  for (let row = 0; row < height; row++) {
    const y = rect.y + Math.floor(((row + 0.5) * rect.height) / height) - first.y;
    const stampRow = pitch ? y - Math.floor(y / pitch.y) * pitch.y : y;
    if (stampRow < 0 || stampRow >= stamp.height) continue;
    const begin = stamp.rows[stampRow]!;
    const end = stamp.rows[stampRow + 1]!;
    if (begin === end) continue;
    for (let copyX = firstX; copyX < right; copyX += pitch ? pitch.x : right - firstX) {
      let last = -1;
      for (let at = begin; at < end; at++) {
        const x = copyX + stamp.columns[at]! - rect.x;
        if (x < 0) continue;
        if (x >= rect.width) break;
        const column = width === rect.width ? x : Math.floor((x * width) / rect.width);
        // Several pixels of the stamp may be one of the target.
        if (column === last) continue;
        last = column;
        const alpha = stamp.alphas[at]!;
        const to = (row * stridePx + column) * BYTES_PER_PIXEL;
        bytes[to] = mixed(bytes[to]!, blue, alpha);
        bytes[to + 1] = mixed(bytes[to + 1]!, green, alpha);
        bytes[to + 2] = mixed(bytes[to + 2]!, red, alpha);
      }
    }
  }
}

/** The colour `over` with an opacity of `alpha` / 255 over `below`. */
const mixed = (below: number, over: number, alpha: number): number =>
  below + Math.round(((over - below) * alpha) / 255);
