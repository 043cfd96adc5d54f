import type { Rect, Size } from './rect.ts';

/** One edge of a visible region. */
export type Edge =
  /** Pixels from the left or upper border of the screen. */
  | { readonly kind: 'at'; readonly px: number }
  /** Pixels from the border on the edge's own side. */
  | { readonly kind: 'inset'; readonly px: number }
  /** Per cent of the screen's width or height, from the border on the edge's own side. */
  | { readonly kind: 'percent'; readonly percent: number };

/** The part of a screen that a viewer may see, for a screen of any size. All else is concealed. */
export interface VisibleRegion {
  readonly left: Edge;
  readonly top: Edge;
  readonly right: Edge;
  readonly bottom: Edge;
}

/**
 * The visible part of a screen of this size. It has no pixels, and width or height 0, if its edges leave none. An edge
 * between two pixels conceals the pixel that it cuts.
 */
export function visibleRect({ left, top, right, bottom }: VisibleRegion, { width, height }: Size): Rect {
  const x = Math.ceil(placeOf(left, width, 'low'));
  const y = Math.ceil(placeOf(top, height, 'low'));
  return {
    x,
    y,
    width: Math.max(0, Math.floor(placeOf(right, width, 'high')) - x),
    height: Math.max(0, Math.floor(placeOf(bottom, height, 'high')) - y),
  };
}

/** Whether a point is in a rect. */
export const contains = ({ x, y, width, height }: Rect, point: { x: number; y: number }): boolean =>
  point.x >= x && point.y >= y && point.x < x + width && point.y < y + height;

function placeOf(edge: Edge, sidePx: number, side: 'low' | 'high'): number {
  if (edge.kind === 'at') return clamp(edge.px, sidePx);
  const inset = edge.kind === 'inset' ? edge.px : (edge.percent * sidePx) / 100;
  return clamp(side === 'low' ? inset : sidePx - inset, sidePx);
}

const clamp = (place: number, sidePx: number): number => Math.min(sidePx, Math.max(0, place));
