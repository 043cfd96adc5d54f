import type { Size } from '../../../pixels/rect.ts';
import type { SharedFrame } from '../../../pixels/shared-frame.ts';
import type { DesktopErrorCode } from '../../errors.ts';
import type { CaptureResult } from './frame-source.ts';

/** Data that the frame thread starts with. */
export interface FrameThreadData {
  readonly kernels: WebAssembly.Module;
  readonly frame: SharedFrame;
  readonly display: string;
  readonly cookie: Uint8Array | undefined;
  /** Memory of a CaptureTrigger. */
  readonly trigger: SharedArrayBuffer;
  /** Memory of a CaptureAnswer. */
  readonly answer: SharedArrayBuffer;
  /** Path of Xvfb's framebuffer if the X server is our own. */
  readonly framebuffer: string | undefined;
}

/**
 * A message to the frame thread. Each message with an id is answered by one event with the same id. To arm a
 * capture is a request too, but it goes through the CaptureTrigger: damage answers it.
 */
export type FrameRequest =
  | {
      readonly kind: 'capture';
      readonly id: number;
      readonly commitAtOnce: boolean;
      /** Size of the last capture if it was not committed: its changes are captured again. */
      readonly uncommitted: Size | undefined;
    }
  /** Commits the last capture, which had this size. */
  | { readonly kind: 'commit'; readonly id: number; readonly size: Size }
  /** Asks the X server whether there is damage, which is reported before the answer. */
  | { readonly kind: 'look'; readonly id: number }
  /** Asks for a `pong`, whatever else the thread is doing: a thread that hangs sends none. */
  | { readonly kind: 'ping' }
  /** Ends the thread. */
  | { readonly kind: 'close' };

/** An error as it crosses threads, where its class and code would be lost. */
export interface ErrorMessage {
  readonly code: DesktopErrorCode;
  readonly detail: string | undefined;
}

/** A message from the frame thread. */
export type FrameEvent =
  | { readonly kind: 'ready' }
  | { readonly kind: 'pong' }
  /** There is damage, and no armed capture takes it. */
  | { readonly kind: 'damage' }
  /** The upper rows of tiles, this many, are committed. `captured` follows. */
  | { readonly kind: 'top'; readonly id: number; readonly size: Size; readonly tileRows: number }
  /** A capture that found something moved, or reported its top. Any other one is answered by the CaptureAnswer. */
  | { readonly kind: 'captured'; readonly id: number; readonly result: CaptureResult }
  | { readonly kind: 'committed'; readonly id: number }
  | { readonly kind: 'looked'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly error: ErrorMessage }
  /** The thread can do no more: its display or connection is gone. */
  | { readonly kind: 'lost'; readonly error: ErrorMessage };
