import type { Rect, Size } from '../../src/pixels/rect.ts';
import { drawFrameNumber, FRAME_NUMBERS, markerHeight, markerWidth } from '../frame-number.ts';
import { drawScene } from '../scenes/scene.ts';
import { type FixedPicture, isDrawn, markerGroups, type Workload } from '../workloads.ts';
import type { Canvas, SharedPicture } from './canvas.ts';
import { readGlyphs } from './glyphs.ts';
import { createPhoto } from './photo.ts';
import { createPicture, cutOut, type Picture } from './picture.ts';
import { createProgramAnimation } from './program-animation.ts';
import { createStagedAnimation } from './staged-animation.ts';
import { createTextPage, periodPx } from './text-page.ts';
import { createZoomLevels, zoomLevel, zoomSource } from './zoom.ts';

/** Paints one frame after another. Its pixels are made beforehand, so that painting leaves the CPU to the server. */
export interface Animation {
  /** Prepares frame `number`. The X server has finished the previous frame. */
  prepare(number: number): void;
  /** Shows the prepared frame, by requests that are sent together. */
  show(): void;
  /**
   * Resolves when the prepared frame should be shown, with true, or after a moment without a reason to show one, with
   * false. Absent if frames are shown at equal intervals.
   */
  due?(): Promise<boolean>;
  /** Keeps the last frame on the screen from now on. Absent if it stays anyway. */
  rest?(): void;
  /**
   * Returns what frame `number` has in a place without a frame number, one word per pixel. Absent if a frame covers
   * only a part of the screen.
   */
  pixelsOf?(number: number, place: Rect): Uint32Array;
  close(): Promise<void>;
}

/** Margin by which the photograph is larger than the screen, so that the view can move over it. */
const PHOTO_MARGIN_PX = 320;
/** Angle by which the view's circles advance per frame: about ten pixels. */
const PAN_STEP = 0.045;
/** Margin of the zoomed levels. Smaller, because there are several of them. */
const ZOOM_MARGIN_PX = 64;
/** Rows that text scrolls by per frame: a third of a line, like a browser's smooth scrolling. */
const SCROLL_STEP_PX = 7;
const SCROLL_PERIOD_LINES = 105;

/**
 * Pictures made so far. Large pictures take seconds to make. Rounds do not draw into them, so later rounds can
 * reuse them.
 */
const made = new Map<FixedPicture, Picture>();

function makeOnce(name: FixedPicture, make: () => Picture): Picture {
  const picture = made.get(name) ?? make();
  made.set(name, picture);
  return picture;
}

export async function createAnimation(
  canvas: Canvas,
  { picture, fps }: Workload,
  seed: number,
): Promise<Animation | undefined> {
  if (isDrawn(picture)) {
    const scene = drawScene(picture, seed, canvas.size, fps);
    return scene.kind === 'program'
      ? createProgramAnimation(canvas, scene)
      : createStagedAnimation(canvas, scene);
  }
  const { width, height } = canvas.size;
  switch (picture) {
    case 'moving': {
      const photo = await canvas.share(
        makeOnce(picture, () => createPhoto(width + PHOTO_MARGIN_PX, height + PHOTO_MARGIN_PX)),
      );
      return new View(canvas, photo, picture, (number) => wander(number, PHOTO_MARGIN_PX));
    }
    case 'video': {
      const level = { width: width + ZOOM_MARGIN_PX, height: height + ZOOM_MARGIN_PX };
      const levels = await canvas.share(makeOnce(picture, () => createLevels(level)));
      return new View(canvas, levels, picture, (number) => {
        const { x, y } = wander(number, ZOOM_MARGIN_PX);
        return { x, y: zoomLevel(number) * level.height + y };
      });
    }
    case 'scroll': {
      const glyphs = await readGlyphs(canvas.display);
      const page = await canvas.share(
        makeOnce(picture, () => createTextPage(width, height, SCROLL_PERIOD_LINES, glyphs)),
      );
      return new View(canvas, page, picture, (number) => ({
        x: 0,
        y: (number * SCROLL_STEP_PX) % periodPx(SCROLL_PERIOD_LINES),
      }));
    }
    case 'nothing':
      return undefined;
  }
}

/** Returns the position of frame `number`'s view in a picture that is larger by `marginPx`. */
function wander(number: number, marginPx: number): { x: number; y: number } {
  const swing = (angle: number): number => Math.round(((1 + Math.sin(angle)) * marginPx) / 2);
  return { x: swing(number * PAN_STEP), y: swing(number * PAN_STEP * 0.73) };
}

function createLevels(level: Size): Picture {
  const source = zoomSource(level);
  return createZoomLevels(createPhoto(source.width, source.height), level);
}

/** A screen-sized view that moves over a larger picture. The frame's number stays in the same place. */
class View implements Animation {
  readonly #canvas: Canvas;
  readonly #shared: SharedPicture;
  readonly #offset: (number: number) => { x: number; y: number };
  readonly #markers;
  readonly #stamp: Picture;
  #at: { x: number; y: number } | undefined;

  constructor(
    canvas: Canvas,
    shared: SharedPicture,
    picture: FixedPicture,
    offset: (number: number) => { x: number; y: number },
  ) {
    this.#canvas = canvas;
    this.#shared = shared;
    this.#offset = offset;
    this.#markers = markerGroups(picture, canvas.size)[0]!;
    const marker = this.#markers[0]!;
    this.#stamp = createPicture(markerWidth(marker), markerHeight(marker));
  }

  prepare(number: number): void {
    const { x, y } = this.#offset(number);
    if (this.#at) {
      for (const marker of this.#markers) {
        this.#shared.restore(this.#at.x + marker.x, this.#at.y + marker.y, this.#stamp);
      }
    }
    const stamped = { ...this.#markers[0]!, x: 0, y: 0 };
    drawFrameNumber(this.#stamp.pixels, this.#stamp.width, stamped, number % FRAME_NUMBERS);
    for (const marker of this.#markers) this.#shared.overlay(this.#stamp, x + marker.x, y + marker.y);
    this.#at = { x, y };
  }

  show(): void {
    this.#canvas.put(this.#shared, this.#at!.x, this.#at!.y, this.#canvas.size, 0, 0);
  }

  pixelsOf(number: number, place: Rect): Uint32Array {
    const { x, y } = this.#offset(number);
    return cutOut(this.#shared.picture, { ...place, x: x + place.x, y: y + place.y });
  }

  close(): Promise<void> {
    return this.#canvas.unshare(this.#shared);
  }
}
