import type { Rect, Size } from '../../pixels/rect.ts';
import type { PixelFormat } from '../../protocol/pixel-format.ts';
import type { Interval } from '../../stats/interval.ts';
import type { EncoderName } from '../encoders/encoder-name.ts';
import type { Method } from '../plan/policy.ts';
import type { ScaledTo } from '../plan/video-scaling.ts';
import type { PlacedCursor } from './draw-cursor.ts';

/** One rect to encode from the shown picture. */
export interface EncodeJob {
  /** Size of the shown picture: its rows are packed. */
  readonly frameSize: Size;
  readonly rect: Rect;
  readonly method: Method;
  readonly format: PixelFormat;
  readonly zlibLevel: number;
  /** For JPEG: the rect is scaled down to this first. */
  readonly scaledTo?: ScaledTo;
  /** Drawn over the rect, where that is not scaled. */
  readonly cursor?: PlacedCursor;
}

/** A rect as it goes on the wire. */
export interface EncodedRect {
  /** Rect header (12 bytes) and body. They may be overwritten after this turn of the event loop. */
  readonly bytes: Uint8Array;
  readonly encoder: EncoderName;
  readonly areaPx: number;
  /** CPU time the encoding took, in microseconds, without the scaling. */
  readonly cpuUs: number;
  /** When the rect was scaled down, if it was. */
  readonly scaling?: Interval;
}
