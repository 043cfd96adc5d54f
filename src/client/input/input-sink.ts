/** Where input goes: the connection of the moment, or nowhere. Calls are in the order in which things happened. */
export interface InputSink {
  /** `scancode` as `scancodes.ts` has them, 0 where no key of the keyboard stands behind the keysym. */
  key(isDown: boolean, keysym: number, scancode: number): void;
  /** `buttons` is RFB's mask: 0 left, 1 middle, 2 right, 3-6 wheel up, down, left, right, 7 back, 8 forward. */
  pointer(buttons: number, x: number, y: number): void;
  /** The text that a paste on the desktop will insert. */
  clipboard(text: string): void;
}
