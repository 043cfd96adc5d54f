import type { Size } from '../../../pixels/rect.ts';

/** Rects that are filled with one colour, over what the earlier fills left. */
export interface Fill {
  /** 0xrrggbb. */
  readonly colour: number;
  /** 0 to 1: the share of each pixel that is covered. */
  readonly alpha: number;
  /** x, y, width and height of each rect. */
  readonly rects: readonly number[];
}

/** Colours of the sky from the top to the horizon, with their places from 0 to 1. */
const SKY = [
  { at: 0, colour: 0x14213d },
  { at: 0.45, colour: 0x2d5478 },
  { at: 0.8, colour: 0x8a93a8 },
  { at: 1, colour: 0xf0b48a },
] as const;

/** Height of the horizon, as a share of the screen's height. */
const HORIZON = 0.72;

/**
 * Rows of one colour in the sky. Steps of more rows show; with fewer, tiles of the sky have so many colours that they
 * take more bytes.
 */
const SKY_ROWS = 4;

/** The sun: its place and its radius, as shares of the screen, and its colour. */
const SUN = { x: 0.7, y: 0.6, radius: 0.075, colour: 0xffe3b8 } as const;

/** A range of hills. Shares are those of the screen's height; waves have a share of its longer side as their length. */
interface Range {
  readonly colour: number;
  readonly top: number;
  readonly waves: readonly { readonly height: number; readonly length: number; readonly phase: number }[];
}

/** From the farthest to the nearest. */
const RANGES: readonly Range[] = [
  {
    colour: 0x6d7f9c,
    top: 0.66,
    waves: [
      { height: 0.05, length: 0.55, phase: 0.4 },
      { height: 0.022, length: 0.21, phase: 2.1 },
    ],
  },
  {
    colour: 0x4a6282,
    top: 0.74,
    waves: [
      { height: 0.045, length: 0.48, phase: 3.6 },
      { height: 0.016, length: 0.17, phase: 0.9 },
    ],
  },
  {
    colour: 0x2c4560,
    top: 0.83,
    waves: [
      { height: 0.04, length: 0.62, phase: 5.2 },
      { height: 0.012, length: 0.2, phase: 4 },
    ],
  },
  { colour: 0x182a3f, top: 0.92, waves: [{ height: 0.035, length: 0.7, phase: 1.3 }] },
];

/** Levels of partial coverage at edges. With fewer, edges look rough; with more, there are more requests. */
const LEVELS = 8;

/** Returns a landscape of hills under a morning sky. Most of it has few colours, so that it is cheap to send. */
export function wallpaperFills(size: Size): Fill[] {
  return [...sky(size), ...sun(size), ...RANGES.flatMap((range) => hills(range, size))];
}

function sky({ width, height }: Size): Fill[] {
  const end = Math.max(1, height * HORIZON);
  return Array.from({ length: Math.ceil(height / SKY_ROWS) }, (_, step) => {
    const y = step * SKY_ROWS;
    const rects = [0, y, width, Math.min(SKY_ROWS, height - y)];
    return { colour: skyColour(Math.min(1, y / end)), alpha: 1, rects };
  });
}

function skyColour(at: number): number {
  const next = Math.max(
    1,
    SKY.findIndex((stop) => at <= stop.at),
  );
  const [from, to] = [SKY[next - 1]!, SKY[next]!];
  const share = (at - from.at) / (to.at - from.at);
  const mixed = [16, 8, 0].map((shift) => {
    const [a, b] = [(from.colour >> shift) & 0xff, (to.colour >> shift) & 0xff];
    return Math.round(a + (b - a) * share) << shift;
  });
  return mixed.reduce((sum, part) => sum | part);
}

function sun({ width, height }: Size): Fill[] {
  const radius = SUN.radius * Math.min(width, height);
  const [middle, centre] = [SUN.x * width, SUN.y * height];
  const edges = new Edges(SUN.colour);
  for (let y = Math.ceil(centre - radius); y < centre + radius; y++) {
    const half = Math.sqrt(Math.max(0, radius ** 2 - (y + 0.5 - centre) ** 2));
    const [left, right] = [Math.ceil(middle - half), Math.floor(middle + half)];
    if (right <= left) continue;
    edges.whole(left, y, right - left, 1);
    edges.part(left - 1, y, left - (middle - half));
    edges.part(right, y, middle + half - right);
  }
  return edges.fills();
}

function hills({ colour, top, waves }: Range, { width, height }: Size): Fill[] {
  const side = Math.max(width, height);
  const edges = new Edges(colour);
  for (let x = 0; x < width; x++) {
    let y = top * height;
    for (const wave of waves)
      y -= wave.height * height * Math.sin((x * 2 * Math.PI) / (wave.length * side) + wave.phase);
    const first = Math.ceil(y);
    if (first < height) edges.whole(x, first, 1, height - first);
    if (first <= height) edges.part(x, first - 1, first - y);
  }
  return edges.fills();
}

/** Collects the fills of a shape whose pixels at the edge are covered in part. */
class Edges {
  readonly #colour: number;
  readonly #rects: number[][] = Array.from({ length: LEVELS + 1 }, () => []);

  constructor(colour: number) {
    this.#colour = colour;
  }

  whole(x: number, y: number, width: number, height: number): void {
    this.#rects[LEVELS]!.push(x, y, width, height);
  }

  part(x: number, y: number, share: number): void {
    const level = Math.round(share * LEVELS);
    if (x >= 0 && y >= 0 && level > 0) this.#rects[level]!.push(x, y, 1, 1);
  }

  fills(): Fill[] {
    return this.#rects.flatMap((rects, level) =>
      rects.length > 0 ? [{ colour: this.#colour, alpha: level / LEVELS, rects }] : [],
    );
  }
}
