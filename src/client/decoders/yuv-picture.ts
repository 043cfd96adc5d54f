import type { Size } from '../render/geometry.ts';
import { DrawingSpeed } from './drawing-speed.ts';
import { type I420Picture, type Plane, YuvKernel } from './yuv-kernel.ts';

/** A decoded picture whose colours this page converts when it is drawn. */
export class YuvPicture implements I420Picture {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly planes: readonly Plane[];
  readonly #kernel: YuvKernel;

  constructor(
    { width, height }: Size,
    bytes: Uint8Array<ArrayBuffer>,
    planes: readonly Plane[],
    kernel: YuvKernel,
  ) {
    this.width = width;
    this.height = height;
    this.bytes = bytes;
    this.planes = planes;
    this.#kernel = kernel;
  }

  drawOn(context: CanvasRenderingContext2D, x: number, y: number): void {
    this.#kernel.convert(this, (pixels, top) =>
      context.putImageData(new ImageData(pixels, this.width), x, y + top),
    );
  }

  close(): void {}
}

// One for all connections of the page: they have the same browser.
const speed = new DrawingSpeed();
let kernel: YuvKernel | undefined;

/**
 * Called when a video frame has been drawn in its own size. Once that turns out to be slow, later pictures are converted
 * by the page.
 */
export function frameDrawn(px: number, ms: number): void {
  if (!speed.drew(px, ms)) return;
  void import('./yuv.wasm')
    .then(({ default: module }) => YuvKernel.create(module))
    .then(
      (created) => {
        kernel = created;
      },
      // The browser's own way goes on.
      () => {},
    );
}

/**
 * Returns what a frame shows as a picture of this page, and closes the frame; undefined if the browser is to draw it: it
 * is quick, the picture has to be scaled to `size`, or it has other colours than JPEG of moving content.
 */
export async function yuvOf(frame: VideoFrame, size: Size): Promise<YuvPicture | undefined> {
  if (!kernel || frame.format !== 'I420') return undefined;
  const { fullRange, matrix } = frame.colorSpace;
  if (!fullRange || matrix !== 'smpte170m') return undefined;
  if (frame.displayWidth !== size.width || frame.displayHeight !== size.height) return undefined;
  const bytes = new Uint8Array(frame.allocationSize());
  const planes = await frame.copyTo(bytes);
  frame.close();
  return new YuvPicture(size, bytes, planes, kernel);
}
