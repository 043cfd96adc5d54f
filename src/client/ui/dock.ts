import type { Size } from '../render/geometry.ts';

/** Edges of the window at which the toolbar can be. The lower one is where desktops have their panels. */
const EDGES = ['top', 'left', 'right'] as const;

/** Where the toolbar is. */
export interface Dock {
  readonly edge: (typeof EDGES)[number];
  /** Place of its middle along the edge, in per cent. */
  readonly at: number;
}

/** The middle of the upper edge, where people look for it. */
export const FIRST_DOCK: Dock = { edge: 'top', at: 50 };

/** Least distance from the corners, in per cent: windows have their buttons there. */
const MARGIN = 6;

/** Returns the place at an edge that is nearest to a point of the window. */
export function dockNear(point: { readonly x: number; readonly y: number }, window: Size): Dock {
  const distances = { top: point.y, left: point.x, right: window.width - point.x };
  const edge = EDGES.reduce((nearest, next) => (distances[next] < distances[nearest] ? next : nearest));
  const part = edge === 'top' ? point.x / window.width : point.y / window.height;
  return { edge, at: Math.round(Math.min(100 - MARGIN, Math.max(MARGIN, 100 * part))) };
}

/** Per cent that a key moves the toolbar. A larger value reaches the other end sooner, a smaller one every place. */
const KEY_STEP = 8;

/** Where a key goes along an edge: 1 to its end, -1 to its start. */
const ALONG: Readonly<Record<'across' | 'down', Readonly<Record<string, 1 | -1>>>> = {
  across: { ArrowLeft: -1, ArrowRight: 1 },
  down: { ArrowUp: -1, ArrowDown: 1 },
};

/**
 * Returns where an arrow key moves the toolbar: along its edge, and around the corner at the edge's end. Undefined for
 * keys that move it nowhere.
 */
export function dockByKey({ edge, at }: Dock, key: string): Dock | undefined {
  const by = ALONG[edge === 'top' ? 'across' : 'down'][key];
  if (by === undefined) return undefined;
  const isAtEnd = by > 0 ? at >= 100 - MARGIN : at <= MARGIN;
  if (!isAtEnd) return { edge, at: Math.min(100 - MARGIN, Math.max(MARGIN, at + by * KEY_STEP)) };
  if (edge === 'top') return { edge: by > 0 ? 'right' : 'left', at: MARGIN };
  return by > 0 ? { edge, at } : { edge: 'top', at: edge === 'left' ? MARGIN : 100 - MARGIN };
}

/** Writes a place as text, and reads it. What is no place is the first one. */
export const formatDock = ({ edge, at }: Dock): string => `${edge} ${at}`;

export function parseDock(text: string): Dock {
  const [name, number] = text.split(' ');
  const edge = EDGES.find((known) => known === name);
  const at = Number(number);
  return edge && at >= MARGIN && at <= 100 - MARGIN ? { edge, at } : FIRST_DOCK;
}
