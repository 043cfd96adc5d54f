import type { ArmedCapture, Capture } from '../../desktop/desktop.ts';
import type { FrameRecord } from './frame-record.ts';
import type { SendRest } from './frame-sender.ts';
import type { Release } from './picture-lock.ts';
import type { Waiters } from './waiters.ts';

/** A shown picture that was fresh when a caller asked for it. */
export interface Fresh {
  /** The picture stays unchanged until the caller calls this. */
  readonly release: Release;
  /** Time by performance.now(): the picture has all that was drawn before. */
  readonly asOfMs: number;
}

/** A capture that has begun. */
export interface Run {
  readonly record: FrameRecord;
  /** Callers that asked for a picture before it began. */
  readonly pictures: Waiters<Fresh>;
  /** Ends its right to write the shown picture. A capture that does not commit at once has none until its commit. */
  endWrite?: Release;
  /** Set once its upper rows have been captured. */
  top?: {
    readonly tileRows: number;
    /** Sends the rest to the viewers that were sent the top; undefined if there were none. */
    readonly sendRest: SendRest | undefined;
  };
}

/** The phase that the loop is in, with that phase's data. See `PhaseKind`. */
export type Phase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'armed'; readonly armed: Armed }
  | { readonly kind: 'capturing'; readonly run: Run }
  | { readonly kind: 'captured'; readonly run: Run; readonly capture: Capture }
  | { readonly kind: 'committing'; readonly run: Run; readonly capture: Capture };

/** A capture that begins with the next damage, or has begun. */
export interface Armed {
  readonly capture: ArmedCapture;
  /** Set once it is known to have begun. */
  run?: Run;
}

export const IDLE: Phase = { kind: 'idle' };
