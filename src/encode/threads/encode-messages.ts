import type { SharedFrame } from '../../pixels/shared-frame.ts';
import type { EncodedRect } from '../make/job.ts';
import type { Place } from './encoded-arena.ts';

/** An encoded rect on its way from an encoder thread. */
export interface AnsweredRect extends Omit<EncodedRect, 'bytes'> {
  /** Memory of its own, or where it lies in that thread's arena. */
  readonly bytes: Uint8Array<ArrayBuffer> | { readonly lane: number; readonly place: Place };
}

/** What an encoder thread starts with. */
export interface EncodeThreadData {
  readonly frame: SharedFrame;
  /** Its number among the threads. */
  readonly lane: number;
  /** The memory of its EncodedArena. */
  readonly arena: SharedArrayBuffer;
}
