import type { Rect } from '../../src/pixels/rect.ts';
import { drawFrameNumber, FRAME_NUMBERS, type Marker, markerHeight, markerWidth } from '../frame-number.ts';
import { draggedTo, type WindowsScene } from '../scenes/desk-scenes.ts';
import type { PaintedScene } from '../scenes/scene.ts';
import type { Animation } from './animation.ts';
import type { Canvas, CanvasWindow, SharedPicture } from './canvas.ts';
import { readFontBits } from './glyphs.ts';
import { createPicture } from './picture.ts';
import { createStage } from './stages/create-stage.ts';
import { DRAGGED_WINDOW } from './stages/desk-stages.ts';
import { compose, type Put, type Stage } from './stages/stage.ts';

/** Makes the pictures of a scene and shares them with the X server. */
export async function createStagedAnimation(canvas: Canvas, scene: PaintedScene): Promise<Animation> {
  const stage = createStage(scene, canvas.size, await readFontBits(canvas.display));
  const shared: SharedPicture[] = [];
  for (const picture of stage.pictures) shared.push(await canvas.share(picture));
  const marker = scene.markerGroups[0]![0]!;
  const stamp = await canvas.share(createPicture(markerWidth(marker), markerHeight(marker)));
  return scene.kind === 'windows'
    ? new DraggedWindow(canvas, scene, stage, shared, stamp)
    : new StagedAnimation(canvas, scene, stage, shared, stamp);
}

/** Draws a frame number into the picture that is put on every marker. */
export function drawStamp(stamp: SharedPicture, marker: Marker, number: number): void {
  const { pixels, width, height } = stamp.picture;
  drawFrameNumber(pixels, width, { ...marker, x: 0, y: 0 }, number % FRAME_NUMBERS);
  stamp.writeRows(0, height);
}

/** Paints what changes from frame to frame, and the frame number last. */
class StagedAnimation implements Animation {
  readonly #canvas: Canvas;
  readonly #stage: Stage;
  readonly #groups: PaintedScene['markerGroups'];
  readonly #shared: readonly SharedPicture[];
  readonly #stamp: SharedPicture;
  readonly pixelsOf: Animation['pixelsOf'];
  #puts: readonly Put[] = [];
  #markers: readonly Marker[] = [];
  #isFirst = true;

  constructor(
    canvas: Canvas,
    scene: PaintedScene,
    stage: Stage,
    shared: readonly SharedPicture[],
    stamp: SharedPicture,
  ) {
    this.#canvas = canvas;
    this.#stage = stage;
    this.#groups = scene.markerGroups;
    this.#shared = shared;
    this.#stamp = stamp;
    this.pixelsOf = (number: number, place: Rect) => compose(stage, number, place);
  }

  prepare(number: number): void {
    this.#puts = this.#isFirst ? this.#stage.content(number) : this.#stage.changes(number);
    this.#isFirst = false;
    this.#markers = this.#groups[number % this.#groups.length]!;
    drawStamp(this.#stamp, this.#markers[0]!, number);
  }

  show(): void {
    for (const { picture, part, x, y } of this.#puts) {
      this.#canvas.put(this.#shared[picture]!, part.x, part.y, part, x, y);
    }
    for (const { x, y } of this.#markers) {
      this.#canvas.put(this.#stamp, 0, 0, this.#stamp.picture, x, y);
    }
  }

  async close(): Promise<void> {
    for (const shared of [...this.#shared, this.#stamp]) await this.#canvas.unshare(shared);
  }
}

/** Moves a window of the X server, which copies it and paints what was behind it. The frame number is on top. */
class DraggedWindow implements Animation {
  readonly #canvas: Canvas;
  readonly #scene: WindowsScene;
  readonly #shared: readonly SharedPicture[];
  readonly #stamp: SharedPicture;
  readonly #windows: readonly CanvasWindow[];
  readonly #numbers: readonly CanvasWindow[];
  readonly pixelsOf: Animation['pixelsOf'];
  #at = { x: 0, y: 0 };

  constructor(
    canvas: Canvas,
    scene: WindowsScene,
    stage: Stage,
    shared: readonly SharedPicture[],
    stamp: SharedPicture,
  ) {
    this.#canvas = canvas;
    this.#scene = scene;
    this.#shared = shared;
    this.#stamp = stamp;
    this.pixelsOf = (number: number, place: Rect) => compose(stage, number, place);
    const [background, ...windows] = stage.content(0);
    canvas.setBackground(shared[background!.picture]);
    this.#windows = windows.map(({ picture, part, x, y }) =>
      canvas.openWindow({ ...part, x, y }, shared[picture]!),
    );
    this.#numbers = scene.markerGroups[0]!.map(({ x, y }) =>
      canvas.openWindow({ ...stamp.picture, x, y }, stamp),
    );
  }

  prepare(number: number): void {
    this.#at = draggedTo(this.#scene, number, this.#canvas.size);
    drawStamp(this.#stamp, this.#scene.markerGroups[0]![0]!, number);
  }

  show(): void {
    this.#windows[DRAGGED_WINDOW - 1]!.moveTo(this.#at.x, this.#at.y);
    for (const { id } of this.#numbers) {
      this.#canvas.put(this.#stamp, 0, 0, this.#stamp.picture, 0, 0, id);
    }
  }

  async close(): Promise<void> {
    for (const window of [...this.#windows, ...this.#numbers]) window.close();
    this.#canvas.setBackground();
    for (const shared of [...this.#shared, this.#stamp]) await this.#canvas.unshare(shared);
  }
}
