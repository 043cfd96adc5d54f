import type { Size } from '../../../pixels/rect.ts';
import type { SharedFrame } from '../../../pixels/shared-frame.ts';
import type { DesktopErrorCode } from '../../errors.ts';
import type { CaptureResult } from './capturer.ts';

/** What the frame thread is started with. */
export interface FrameThreadData {
  readonly kernels: WebAssembly.Module;
  readonly frame: SharedFrame;
  readonly display: string;
  readonly cookie: Uint8Array | undefined;
  /** The memory of a CaptureTrigger. */
  readonly trigger: SharedArrayBuffer;
  /** Xvfb's framebuffer, where the server is ours. */
  readonly framebuffer: string | undefined;
}

/**
 * To the frame thread: one at a time, each answered by one message, but for `close`, which ends it at any time. A
 * capture that damage triggers is answered as if it had been asked for.
 */
export type FrameRequest =
  | { readonly kind: 'capture'; readonly commitAtOnce: boolean }
  | { readonly kind: 'commit' }
  | { readonly kind: 'close' };

/** An error as it crosses threads: class and code would be lost. */
export interface ErrorMessage {
  readonly code: DesktopErrorCode;
  readonly detail: string | undefined;
}

/** From the frame thread. */
export type FrameEvent =
  | { readonly kind: 'ready' }
  /** There is damage that triggers no capture. */
  | { readonly kind: 'damage' }
  /** On the way to `captured`: so many rows of tiles from the top are committed. */
  | { readonly kind: 'top'; readonly size: Size; readonly tileRows: number }
  | ({ readonly kind: 'captured' } & CaptureResult)
  | { readonly kind: 'committed' }
  | { readonly kind: 'failed'; readonly error: ErrorMessage }
  | { readonly kind: 'lost'; readonly error: ErrorMessage };
