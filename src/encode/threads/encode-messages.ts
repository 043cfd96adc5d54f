import type { SharedFrame } from '../../pixels/shared-frame.ts';
import type { EncodedRect } from '../make/job.ts';
import type { Place } from './encoded-arena.ts';

/** An encoded rect on its way from an encoder thread. */
export interface AnsweredRect extends Omit<EncodedRect, 'bytes'> {
  /** A buffer of its own, or the place of the bytes in that thread's arena. */
  readonly bytes: Uint8Array<ArrayBuffer> | { readonly lane: number; readonly place: Place };
}

/** Data that an encoder thread starts with. */
export interface EncodeThreadData {
  readonly frame: SharedFrame;
  /** Its number among the threads. */
  readonly lane: number;
  /** The memory of its EncodedArena. */
  readonly arena: SharedArrayBuffer;
  /** The memory of its NativeGate. */
  readonly gate: SharedArrayBuffer;
  /** Whether it keeps a context of zstd, for which it loads koffi. */
  readonly keepsZstd: boolean;
}

/** Data that the picture thread starts with. */
export interface PictureThreadData {
  readonly frame: SharedFrame;
  /** The memory of its NativeGate. */
  readonly gate: SharedArrayBuffer;
}

/** A job of the picture thread that only waits for the thread, and its result. */
export const NOTHING = 'nothing';
