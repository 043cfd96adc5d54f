import type { ClipboardContent } from '../../protocol/clipboard-content.ts';

/** Destination of input: the current connection, if there is one. Calls keep the order of the events. */
export interface InputSink {
  /**
   * Presses or releases a key. `scancode` is one of `scancodes.ts`, or 0 if no physical key belongs to the keysym.
   */
  key(isDown: boolean, keysym: number, scancode: number): void;
  /**
   * Moves the pointer. `buttons` is RFB's mask: 0 left, 1 middle, 2 right, 3-6 wheel up, down, left, right, 7 back,
   * 8 forward.
   */
  pointer(buttons: number, x: number, y: number): void;
  /** Moves the pointer by a distance, without a place, for programs that take the mouse for themselves. */
  nudge(buttons: number, dx: number, dy: number): void;
  /** Sets what a paste on the desktop inserts. */
  clipboard(content: ClipboardContent): void;
}
