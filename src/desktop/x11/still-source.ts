import { tileCount } from '../../pixels/dirty-tiles.ts';
import type { SharedFrame } from '../../pixels/shared-frame.ts';
import type { XConnection } from './connection.ts';
import type { Found, FrameSource, OnTop, TakeDamage } from './frame-source.ts';
import type { FramebufferFile } from './framebuffer-file.ts';
import type { Scanner } from './scan.ts';

/**
 * Scans the framebuffer file of our own server, which is held still meanwhile: a program that draws would leave
 * parts of two pictures in the copy. Programs wait for the few milliseconds it takes, as they do for any server
 * that reads its own framebuffer.
 */
export class StillSource implements FrameSource {
  readonly #x: XConnection;
  readonly #frame: SharedFrame;
  readonly #scanner: Scanner;
  readonly #file: FramebufferFile;

  constructor(x: XConnection, frame: SharedFrame, scanner: Scanner, file: FramebufferFile) {
    this.#x = x;
    this.#frame = frame;
    this.#scanner = scanner;
    this.#file = file;
  }

  async find(takeDamage: TakeDamage, commitAtOnce: boolean, onTop: OnTop): Promise<Found> {
    this.#x.client.GrabServer();
    try {
      const { size, tiles, everything } = await takeDamage(false);
      tiles.writeTo(new Uint32Array(this.#frame.memory.buffer, this.#frame.boxesAt, tileCount(size)));
      const times = this.#scanner.scan(size, { everything, commitAtOnce }, (rows) => onTop(size, rows));
      return { size, everything, ...times };
    } finally {
      this.#letGo();
    }
  }

  close(): void {
    this.#file.close();
  }

  #letGo(): void {
    if (!this.#x.isOpen) return;
    this.#x.client.UngrabServer();
    this.#x.client.flush();
  }
}
