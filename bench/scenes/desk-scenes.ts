import type { Rect, Size } from '../../src/pixels/rect.ts';
import { BLOCK_PX, type Marker, markerHeight, markerWidth } from '../frame-number.ts';
import type { Dice } from './dice.ts';
import { markersIn } from './markers.ts';
import { describeStyle, drawTextStyle, type TextStyle } from './text-style.ts';

/** A window of the X server, dragged over another window and a background. */
export interface WindowsScene {
  readonly kind: 'windows';
  readonly markerGroups: readonly (readonly Marker[])[];
  readonly content: number;
  readonly background: 'photo' | 'plain';
  readonly still: { readonly place: Rect; readonly style: TextStyle };
  readonly dragged: { readonly size: Size; readonly style: TextStyle; readonly shows: 'text' | 'photo' };
  /** Turn of the window's path per frame, around the screen and up and down, in radians. */
  readonly turn: { readonly x: number; readonly y: number };
}

/** A change of 200×24 pixels and its frame number, at one of six places in turn. */
export interface SmallScene {
  readonly kind: 'small';
  /** One group for each place. */
  readonly markerGroups: readonly (readonly Marker[])[];
  readonly content: number;
  readonly style: TextStyle;
  /** The changes. The frame number stands to the right of each. */
  readonly places: readonly Rect[];
}

/** Size of the small change: a word or two in a line of text. */
export const CHANGE: Size = { width: 200, height: 24 };
const SMALL_GRID = { columns: 6, blockPx: BLOCK_PX };
const SMALL_PLACES = 6;

export function drawWindows(dice: Dice, size: Size): WindowsScene {
  const window = (least: number, most: number): Size => ({
    width: dice.integer(Math.floor(size.width * least), Math.floor(size.width * most)),
    height: dice.integer(Math.floor(size.height * least), Math.floor(size.height * most)),
  });
  const still = window(0.3, 0.6);
  return {
    kind: 'windows',
    markerGroups: [markersIn({ x: 0, y: 0, ...size }, size)],
    content: dice.integer(0, 2 ** 31),
    background: dice.pick(['photo', 'plain']),
    still: {
      place: {
        x: dice.integer(0, size.width - still.width),
        y: dice.integer(0, size.height - still.height),
        ...still,
      },
      style: drawTextStyle(dice),
    },
    dragged: {
      size: window(0.25, 0.6),
      style: drawTextStyle(dice),
      shows: dice.pick(['text', 'text', 'photo']),
    },
    turn: { x: dice.integer(10, 60) / 1000, y: dice.integer(10, 60) / 1000 },
  };
}

/** Returns the upper left corner of the dragged window in frame `number`. */
export function draggedTo(
  { dragged, turn }: WindowsScene,
  number: number,
  size: Size,
): { x: number; y: number } {
  const swing = (angle: number, room: number): number => Math.round(((1 + Math.sin(angle)) * room) / 2);
  return {
    x: swing(number * turn.x, size.width - dragged.size.width),
    y: swing(number * turn.y + 1, size.height - dragged.size.height),
  };
}

export function drawSmall(dice: Dice, size: Size): SmallScene {
  const [width, height] = [CHANGE.width + markerWidth(SMALL_GRID), markerHeight(SMALL_GRID)];
  // Each place has rows of its own, so that no two overlap.
  const rowPx = Math.floor(size.height / SMALL_PLACES);
  const places = Array.from({ length: SMALL_PLACES }, (_, i) => ({
    x: dice.integer(0, size.width - width),
    y: i * rowPx + dice.integer(0, Math.max(0, rowPx - height)),
    ...CHANGE,
  }));
  return {
    kind: 'small',
    markerGroups: places.map(({ x, y }) => [{ x: x + CHANGE.width, y, ...SMALL_GRID }]),
    content: dice.integer(0, 2 ** 31),
    style: { ...drawTextStyle(dice), pitchPx: CHANGE.height },
    places,
  };
}

export function describeWindows({ background, dragged, still, turn }: WindowsScene): string {
  return [
    `${dragged.shows} in ${dragged.size.width}x${dragged.size.height}`,
    `over ${background}`,
    describeStyle(dragged.style),
    `still window of ${still.place.width}x${still.place.height}`,
    `turn ${turn.x} ${turn.y}`,
  ].join(', ');
}

export const describeSmall = ({ style }: SmallScene): string => describeStyle(style);
