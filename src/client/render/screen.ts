import type { DrawOp } from './draw-op.ts';
import { placeDesktop, type ScaleMode, type Size, toDesktopPoint } from './geometry.ts';

/** The desktop's picture: a 2D canvas of the desktop's size, laid out in the window. */
export class Screen {
  readonly #canvas: HTMLCanvasElement;
  readonly #stage: HTMLElement;
  readonly #context: CanvasRenderingContext2D;
  #mode: ScaleMode = 'fit';
  #hasPicture = false;

  constructor(canvas: HTMLCanvasElement, stage: HTMLElement) {
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('This browser has no 2D canvas.');
    this.#canvas = canvas;
    this.#stage = stage;
    this.#context = context;
    new ResizeObserver(() => this.#layOut()).observe(stage);
    this.#watchPixelRatio();
  }

  get size(): Size {
    return { width: this.#canvas.width, height: this.#canvas.height };
  }

  /** Room for a desktop, in device pixels. */
  get room(): Size {
    const ratio = window.devicePixelRatio;
    return {
      width: Math.round(this.#stage.clientWidth * ratio),
      height: Math.round(this.#stage.clientHeight * ratio),
    };
  }

  /** Whether the canvas ever showed pixels of the desktop. */
  get hasPicture(): boolean {
    return this.#hasPicture;
  }

  setMode(mode: ScaleMode): void {
    this.#mode = mode;
    this.#stage.dataset.mode = mode;
    this.#layOut();
  }

  /** Darkens the picture, which is the desktop as it was when the connection broke. */
  setStale(isStale: boolean): void {
    this.#canvas.dataset.stale = String(isStale);
  }

  /** Draws the steps in order, without letting the browser show an intermediate state. */
  draw(ops: readonly DrawOp[]): void {
    for (const op of ops) this.#drawOne(op);
    if (this.#hasPicture) this.#canvas.dataset.empty = 'false';
  }

  toDesktopPoint(event: MouseEvent): { x: number; y: number } {
    return toDesktopPoint(event, this.#canvas.getBoundingClientRect(), this.size);
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
      case 'copy': {
        const { x, y, width, height } = op.area;
        context.drawImage(this.#canvas, op.fromX, op.fromY, width, height, x, y, width, height);
        break;
      }
      case 'picture':
        // drawImage scales on the GPU if there is one. createImageBitmap could scale too, but takes longer even
        // without a GPU.
        context.drawImage(op.bitmap, op.area.x, op.area.y, op.area.width, op.area.height);
        op.bitmap.close();
        break;
      case 'resize':
        this.#resize(op);
        return;
    }
    this.#hasPicture = true;
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
    if (this.#hasPicture) this.#context.drawImage(before, 0, 0);
    this.#layOut();
  }

  #layOut(): void {
    const viewport = { width: this.#stage.clientWidth, height: this.#stage.clientHeight };
    const placed = placeDesktop(this.size, viewport, window.devicePixelRatio, this.#mode);
    this.#canvas.style.width = `${placed.cssWidth}px`;
    this.#canvas.style.height = `${placed.cssHeight}px`;
    this.#canvas.dataset.crisp = String(placed.isWhole);
  }

  /** Watches the device pixel ratio. A media query reports only one change away from the ratio that it names. */
  #watchPixelRatio(): void {
    const query = window.matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`);
    query.addEventListener(
      'change',
      () => {
        this.#layOut();
        this.#watchPixelRatio();
      },
      { once: true },
    );
  }
}
