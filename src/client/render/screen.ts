import { frameDrawn, YuvPicture } from '../decoders/yuv-picture.ts';
import type { CopyOp, DrawOp, PictureOp } from './draw-op.ts';
import { exactRoom, MOST_ZOOM, placeDesktop, type ScaleMode, type Size, toDesktopPoint } from './geometry.ts';
import { watchPixelRatio } from './pixel-ratio.ts';
import { SpareCanvas } from './spare-canvas.ts';

/** A place on the page, in CSS pixels. */
interface Place {
  readonly clientX: number;
  readonly clientY: number;
}

/**
 * Part of the window's smaller side that stays between its edge and the pointer of a touch-pad. A larger value moves an
 * enlarged picture earlier, a smaller one hides what is ahead of the pointer.
 */
const MARGIN = 0.15;

/** The desktop's picture: a 2D canvas of the desktop's size, laid out in the window. */
export class Screen {
  readonly #canvas: HTMLCanvasElement;
  readonly #stage: HTMLElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #between = new SpareCanvas();
  #mode: ScaleMode = 'fit';
  #zoom = 1;
  #hasPicture = false;
  #room: Size;

  /** Called when the picture is somewhere else on the page. */
  onPlaced: () => void = () => {};

  /** `signal` ends it. */
  constructor(canvas: HTMLCanvasElement, stage: HTMLElement, signal: AbortSignal) {
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('This browser has no 2D canvas.');
    this.#canvas = canvas;
    this.#stage = stage;
    this.#context = context;
    this.#room = this.#guessRoom();
    const observer = new ResizeObserver(([entry]) => {
      const [exact] = entry?.devicePixelContentBoxSize ?? [];
      const room = exact && { width: exact.inlineSize, height: exact.blockSize };
      this.#room = exactRoom(this.#guessRoom(), room, window.devicePixelRatio);
      this.#layOut();
    });
    observe(observer, stage);
    signal.addEventListener('abort', () => observer.disconnect());
    stage.addEventListener('scroll', () => this.onPlaced());
    watchPixelRatio(() => this.#layOut(), signal);
  }

  get size(): Size {
    return { width: this.#canvas.width, height: this.#canvas.height };
  }

  /** Room for a desktop, in device pixels. */
  get room(): Size {
    return this.#room;
  }

  /** Whether the canvas ever showed pixels of the desktop. */
  get hasPicture(): boolean {
    return this.#hasPicture;
  }

  /** CSS pixels per pixel of the desktop. */
  get scale(): number {
    return this.#canvas.getBoundingClientRect().width / this.#canvas.width;
  }

  setMode(mode: ScaleMode): void {
    this.#mode = mode;
    this.#zoom = 1;
    this.#stage.dataset.mode = mode;
    this.#layOut();
  }

  /** Enlarges the picture around a place, which stays where it is. */
  zoomBy(factor: number, at: Place): void {
    const before = this.#canvas.getBoundingClientRect();
    const zoom = Math.min(MOST_ZOOM, Math.max(1, this.#zoom * factor));
    if (zoom === this.#zoom) return;
    this.#zoom = zoom;
    this.#layOut();
    const after = this.#canvas.getBoundingClientRect();
    const x = (at.clientX - before.left) / before.width;
    const y = (at.clientY - before.top) / before.height;
    this.#stage.scrollBy(
      after.left + x * after.width - at.clientX,
      after.top + y * after.height - at.clientY,
    );
  }

  /** Moves a picture that is larger than the window, in CSS pixels. */
  panBy(dx: number, dy: number): void {
    this.#stage.scrollBy(-dx, -dy);
  }

  /** Moves a picture that is larger than the window so that a point of the desktop is in view. */
  reveal(x: number, y: number): void {
    const at = this.toPage(x, y);
    const view = this.#stage.getBoundingClientRect();
    const margin = MARGIN * Math.min(view.width, view.height);
    const beyond = (place: number, start: number, end: number): number =>
      Math.min(0, place - start - margin) + Math.max(0, place - end + margin);
    const dx = beyond(at.clientX, view.left, view.right);
    const dy = beyond(at.clientY, view.top, view.bottom);
    if (dx !== 0 || dy !== 0) this.#stage.scrollBy(dx, dy);
  }

  /** Darkens the picture, which is the desktop as it was when the connection broke. */
  setStale(isStale: boolean): void {
    this.#canvas.dataset.stale = String(isStale);
  }

  /** Shows nothing until the next picture. */
  hide(): void {
    this.#context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#canvas.dataset.empty = 'true';
    this.#hasPicture = false;
  }

  /** Draws the steps in order, without letting the browser show an intermediate state. */
  draw(ops: readonly DrawOp[]): void {
    const wasEmpty = !this.#hasPicture;
    for (const op of ops) this.#drawOne(op);
    // Not each time: to set an attribute takes the browser longer than to draw a letter.
    if (wasEmpty && this.#hasPicture) this.#canvas.dataset.empty = 'false';
  }

  toDesktopPoint(place: Place): { x: number; y: number } {
    return toDesktopPoint(place, this.#canvas.getBoundingClientRect(), this.size);
  }

  /** Where a point of the desktop is on the page. */
  toPage(x: number, y: number): Place {
    const { left, top } = this.#canvas.getBoundingClientRect();
    return { clientX: left + x * this.scale, clientY: top + y * this.scale };
  }

  #drawOne(op: DrawOp): void {
    const context = this.#context;
    switch (op.kind) {
      case 'fill':
        context.fillStyle = op.colour;
        context.fillRect(op.area.x, op.area.y, op.area.width, op.area.height);
        break;
      case 'pixels':
        context.putImageData(op.image, op.area.x, op.area.y);
        break;
      case 'copy':
        this.#copy(op);
        break;
      case 'picture':
        drawPicture(context, op);
        op.bitmap.close();
        break;
      case 'resize':
        this.#resize(op);
        return;
    }
    this.#hasPicture = true;
  }

  /**
   * Copies through another canvas. To draw a canvas into itself, Chromium copies the whole of it first, for each of the
   * many copies that an update may have.
   */
  #copy({ fromX, fromY, area: { x, y, width, height } }: CopyOp): void {
    const between = this.#between.context(width, height);
    between.drawImage(this.#canvas, fromX, fromY, width, height, 0, 0, width, height);
    this.#context.drawImage(between.canvas, 0, 0, width, height, x, y, width, height);
  }

  /** Resizes the canvas. The part common to both sizes stays visible until the server sends it again. */
  #resize({ width, height }: Size): void {
    if (width === this.#canvas.width && height === this.#canvas.height) return;
    const before = document.createElement('canvas');
    before.width = this.#canvas.width;
    before.height = this.#canvas.height;
    if (this.#hasPicture) before.getContext('2d')?.drawImage(this.#canvas, 0, 0);
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#between.free();
    if (this.#hasPicture) this.#context.drawImage(before, 0, 0);
    this.#layOut();
  }

  /** The room by the size in CSS pixels, which the browser has rounded. Safari tells no other. */
  #guessRoom(): Size {
    const ratio = window.devicePixelRatio;
    return {
      width: Math.round(this.#stage.clientWidth * ratio),
      height: Math.round(this.#stage.clientHeight * ratio),
    };
  }

  #layOut(): void {
    const placed = placeDesktop(this.size, this.#room, window.devicePixelRatio, {
      mode: this.#mode,
      zoom: this.#zoom,
    });
    this.#canvas.style.width = `${placed.cssWidth}px`;
    this.#canvas.style.height = `${placed.cssHeight}px`;
    this.#canvas.style.margin = `${placed.cssTop}px 0 0 ${placed.cssLeft}px`;
    this.#canvas.dataset.crisp = String(placed.isWhole);
    this.onPlaced();
  }
}

function drawPicture(context: CanvasRenderingContext2D, { bitmap, area }: PictureOp): void {
  const { x, y, width, height } = area;
  if (bitmap instanceof YuvPicture) {
    bitmap.drawOn(context, x, y);
    return;
  }
  const startMs = performance.now();
  // drawImage scales on the GPU if there is one. createImageBitmap could scale too, but takes longer even without a GPU.
  context.drawImage(bitmap, x, y, width, height);
  if ('displayWidth' in bitmap && bitmap.displayWidth === width && bitmap.displayHeight === height)
    frameDrawn(width * height, performance.now() - startMs);
}

function observe(observer: ResizeObserver, stage: HTMLElement): void {
  try {
    observer.observe(stage, { box: 'device-pixel-content-box' });
  } catch {
    observer.observe(stage);
  }
}
