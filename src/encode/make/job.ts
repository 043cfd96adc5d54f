import type { Rect, Size } from '../../pixels/rect.ts';
import type { PixelFormat } from '../../protocol/pixel-format.ts';
import type { Interval } from '../../stats/interval.ts';
import type { EncoderName } from '../encoders/encoder-name.ts';
import type { Overlay } from '../overlay/overlay.ts';
import type { Method } from '../plan/plan-rects.ts';
import type { ScaledTo } from '../plan/video-scaling.ts';
import type { PlacedCursor } from './draw-cursor.ts';

/** One rect to encode from the shown picture. */
export interface EncodeJob {
  /** Size of the shown picture, whose rows are packed. */
  readonly frameSize: Size;
  readonly rect: Rect;
  readonly method: Method;
  readonly format: PixelFormat;
  readonly zlibLevel: number;
  /** Whether rects without loss may be zstd rects, which the viewers support. */
  readonly zstd?: boolean;
  /** Size that a rect for JPEG is scaled down to before it is encoded. */
  readonly scaledTo?: ScaledTo;
  /** The pointer, drawn over a rect that is not scaled. */
  readonly cursor?: PlacedCursor;
  /** Burnt into the rect, which it touches. */
  readonly overlay?: Overlay;
}

/** A rect in the form that is sent. */
export interface EncodedRect {
  /** Rect header (12 bytes) and body. Valid until the end of this turn of the event loop. */
  readonly bytes: Uint8Array;
  readonly encoder: EncoderName;
  readonly areaPx: number;
  /** CPU time of the encoding in microseconds, without the scaling. */
  readonly cpuUs: number;
  /** Time when the rect was scaled down. Undefined if it was not. */
  readonly scaling?: Interval;
}
