import type { DesktopInput } from '../../desktop.ts';
import type { XInput } from './x-input.ts';

/**
 * One writer's input into a display that may go away and come back. Each life of the display gets a writer of its own.
 * Input is dropped while the display is away.
 */
export class ReconnectingInput implements DesktopInput {
  readonly #present: () => XInput | undefined;
  #display: XInput | undefined;
  #writer: DesktopInput | undefined;
  #isClosed = false;

  /** `present` gives the input of the display, or undefined while the display is away. */
  constructor(present: () => XInput | undefined) {
    this.#present = present;
  }

  movePointer(x: number, y: number): void {
    this.#current()?.movePointer(x, y);
  }

  nudgePointer(dx: number, dy: number): void {
    this.#current()?.nudgePointer(dx, dy);
  }

  button(...press: Parameters<DesktopInput['button']>): void {
    this.#current()?.button(...press);
  }

  key(keysym: number, down: boolean, evdevKeycode: number): void {
    this.#current()?.key(keysym, down, evdevKeycode);
  }

  whenTaking(): Promise<void> | undefined {
    return this.#current()?.whenTaking();
  }

  releaseAll(): void {
    this.#current()?.releaseAll();
  }

  close(): void {
    if (this.#present() === this.#display) this.#writer?.close();
    this.#writer = undefined;
    this.#isClosed = true;
  }

  #current(): DesktopInput | undefined {
    if (this.#isClosed) return undefined;
    const display = this.#present();
    if (display !== this.#display) {
      this.#display = display;
      this.#writer = display?.openWriter();
    }
    return this.#writer;
  }
}
