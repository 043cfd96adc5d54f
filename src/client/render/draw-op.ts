import type { DecodedPicture } from '../decoders/picture.ts';

/** One step of drawing an update. The steps of an update are drawn in order, without a pause. */
export type DrawOp =
  | { readonly kind: 'fill'; readonly area: Area; readonly colour: string }
  | { readonly kind: 'pixels'; readonly area: Area; readonly image: ImageData }
  | CopyOp
  | PictureOp
  | { readonly kind: 'resize'; readonly width: number; readonly height: number };

/** A picture, stretched over its area. In video mode it is smaller than that. The bitmap is closed after drawing. */
export interface PictureOp {
  readonly kind: 'picture';
  readonly area: Area;
  readonly bitmap: DecodedPicture;
}

/** A part of the desktop that is elsewhere now. Places may overlap. */
export interface CopyOp {
  readonly kind: 'copy';
  readonly area: Area;
  readonly fromX: number;
  readonly fromY: number;
}

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Pixels that these steps draw, which is what drawing them costs. */
export const drawnPx = (ops: readonly DrawOp[]): number =>
  ops.reduce((sum, op) => {
    const { width, height } = op.kind === 'resize' ? op : op.area;
    return sum + width * height;
  }, 0);
