/** One step of showing an update. The steps of an update are drawn in order, in one go. */
export type DrawOp =
  | { readonly kind: 'fill'; readonly area: Area; readonly colour: string }
  | { readonly kind: 'pixels'; readonly area: Area; readonly image: ImageData }
  | { readonly kind: 'copy'; readonly area: Area; readonly fromX: number; readonly fromY: number }
  /** The picture may be smaller than its area (video mode), and is stretched over it. Closed once it is drawn. */
  | { readonly kind: 'picture'; readonly area: Area; readonly bitmap: ImageBitmap }
  | { readonly kind: 'resize'; readonly width: number; readonly height: number };

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
