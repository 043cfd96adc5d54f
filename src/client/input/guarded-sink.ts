import type { ClipboardContent } from '../../protocol/clipboard-content.ts';
import type { InputSink } from './input-sink.ts';

/** Passes input on that the user may send, and tells of what a user who may only watch does. */
export class GuardedSink implements InputSink {
  readonly #sink: InputSink;
  /** Whether nothing is passed on, whatever the user may do. */
  isClosed: boolean;
  /** Right to write, as the server reports it. The server refuses what is not allowed, whatever this says. */
  mayWrite = true;
  /** Called for keys and buttons that were not passed on. */
  onRefused: () => void = () => {};

  constructor(sink: InputSink, isClosed: boolean) {
    this.#sink = sink;
    this.isClosed = isClosed;
  }

  key(isDown: boolean, keysym: number, scancode: number): void {
    if (this.#passes(isDown)) this.#sink.key(isDown, keysym, scancode);
  }

  pointer(buttons: number, x: number, y: number): void {
    if (this.#passes(buttons !== 0)) this.#sink.pointer(buttons, x, y);
  }

  nudge(buttons: number, dx: number, dy: number): void {
    if (this.#passes(buttons !== 0)) this.#sink.nudge(buttons, dx, dy);
  }

  clipboard(content: ClipboardContent): void {
    if (this.#passes(false)) this.#sink.clipboard(content);
  }

  #passes(isPress: boolean): boolean {
    if (this.mayWrite && !this.isClosed) return true;
    if (isPress) this.onRefused();
    return false;
  }
}
