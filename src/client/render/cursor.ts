/** Largest cursor that browsers show, in CSS pixels a side. */
const LARGEST_PX = 128;

export interface CursorShape {
  readonly width: number;
  readonly height: number;
  readonly hotX: number;
  readonly hotY: number;
  /** RGBA with the colour premultiplied by alpha, as CursorWithAlpha sends it. */
  readonly rgba: Uint8Array;
}

/** A cursor as a picture, in CSS pixels. */
export interface CursorImage {
  readonly url: string;
  readonly hotX: number;
  readonly hotY: number;
}

/** Undefined if the shape has no visible pixel. */
export function cursorImage(shape: CursorShape): CursorImage | undefined {
  const { width, height } = shape;
  if (width === 0 || height === 0) return undefined;
  const pixels = unpremultiplied(shape.rgba);
  if (!pixels.some((value, index) => index % 4 === 3 && value > 0)) return undefined;
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  canvas.getContext('2d')!.putImageData(new ImageData(pixels, width, height), 0, 0);
  const scale = Math.min(1, LARGEST_PX / Math.max(width, height));
  return {
    url: (scale < 1 ? scaled(canvas, scale) : canvas).toDataURL('image/png'),
    hotX: Math.round(Math.min(width - 1, shape.hotX) * scale),
    hotY: Math.round(Math.min(height - 1, shape.hotY) * scale),
  };
}

/** Returns the CSS `cursor` value that shows a cursor. */
export const cssCursor = (image: CursorImage | undefined): string =>
  image === undefined ? 'none' : `url("${image.url}") ${image.hotX} ${image.hotY}, default`;

/** Converts premultiplied pixels to those of a canvas, which are not premultiplied. */
function unpremultiplied(rgba: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(rgba);
  for (let at = 0; at < out.length; at += 4) {
    const alpha = out[at + 3]!;
    if (alpha === 0 || alpha === 255) continue;
    for (let channel = at; channel < at + 3; channel++) out[channel] = (out[channel]! * 255) / alpha;
  }
  return out;
}

/** Scales a cursor that is too large down, so that it is shown at all. */
function scaled(source: HTMLCanvasElement, scale: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.floor(source.width * scale));
  canvas.height = Math.max(1, Math.floor(source.height * scale));
  const context = canvas.getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}
