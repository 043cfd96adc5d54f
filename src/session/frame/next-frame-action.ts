/**
 * Phases of a frame, in their order:
 *
 * | phase        | meaning                                                                                  |
 * |--------------|------------------------------------------------------------------------------------------|
 * | `idle`       | No capture has begun.                                                                    |
 * | `armed`      | The frame thread begins a capture with the next damage, and commits it at once.          |
 * | `capturing`  | A capture has begun. If nothing reads the picture, it commits what it finds at once.     |
 * | `captured`   | A capture is over; its changes wait until nothing reads the picture.                     |
 * | `committing` | The changes are being written into the picture.                                          |
 */
export type PhaseKind = 'idle' | 'armed' | 'capturing' | 'captured' | 'committing';

/** The facts that the next action follows from. The two functions are called only if their answer matters. */
export interface Facts {
  /** The X server is away: nothing can be captured. */
  readonly isLost: boolean;
  /** The shown picture is being read, by an update or by a screenshot. */
  readonly isRead: boolean;
  /** The shown picture is being written. */
  readonly isWritten: boolean;
  /** Something may have been drawn that no capture has found yet. */
  readonly hasDamage: boolean;
  /** A caller waits for a picture that is captured from now on. */
  readonly isPictureWanted: boolean;
  /** A caller waits for a picture or for the next frame. */
  readonly hasWaiters: boolean;
  /** Milliseconds until the next capture may begin; 0 or less if it may begin now. */
  readonly untilDueMs: number;
  /** Whether a viewer could be sent an update now. */
  isWatched(): boolean;
  /** Whether one of those viewers lacks something. */
  isOwed(): boolean;
}

export type Action =
  /** Refuse all waiters: the display is lost. */
  | { readonly kind: 'refuse' }
  /** Cancel the armed capture. */
  | { readonly kind: 'callOff' }
  /** Begin a capture. */
  | { readonly kind: 'capture' }
  /** Write the captured changes into the shown picture. */
  | { readonly kind: 'commit' }
  /** Begin an update of the viewers that lack something. */
  | { readonly kind: 'send' }
  /** Let the next damage begin a capture. The last action of a look. */
  | { readonly kind: 'arm' }
  /** Look again after `ms` milliseconds. The last action of a look. */
  | { readonly kind: 'sleep'; readonly ms: number }
  /** Wait for an event. The last action of a look. */
  | { readonly kind: 'rest' };

const REFUSE: Action = { kind: 'refuse' };
const CALL_OFF: Action = { kind: 'callOff' };
const CAPTURE: Action = { kind: 'capture' };
const COMMIT: Action = { kind: 'commit' };
const SEND: Action = { kind: 'send' };
const ARM: Action = { kind: 'arm' };
const REST: Action = { kind: 'rest' };

/** Decides what the frame loop does next. */
export function nextAction(phase: PhaseKind, facts: Facts): Action {
  switch (phase) {
    case 'idle':
      return whenIdle(facts);
    case 'armed':
      // An armed capture stands for nothing else to do. It may begin at any moment, and write: whatever reads the
      // picture, or needs a capture of its own, cancels it first.
      return whenIdle(facts).kind === 'arm' ? REST : CALL_OFF;
    case 'capturing':
      // A capture that does not commit at once may run while older pixels are encoded.
      return !facts.isWritten && facts.isOwed() ? SEND : REST;
    case 'captured':
      // No new update begins, so that the readers come to an end.
      return facts.isRead || facts.isWritten ? REST : COMMIT;
    case 'committing':
      return REST;
  }
}

function whenIdle(facts: Facts): Action {
  if (facts.isLost && facts.hasWaiters) return REFUSE;
  const isWanted = !facts.isLost && (facts.isPictureWanted || (facts.hasDamage && facts.isWatched()));
  // A capture that is due goes first: what it finds is sent with what viewers lack already.
  if (isWanted && facts.untilDueMs <= 0) return CAPTURE;
  if (!facts.isWritten && facts.isOwed()) return SEND;
  if (isWanted) return { kind: 'sleep', ms: facts.untilDueMs };
  const canArm = !facts.isLost && !facts.hasDamage && !facts.isRead && !facts.isWritten;
  return canArm && facts.isWatched() ? ARM : REST;
}
