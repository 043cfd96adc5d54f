import type { XConnection } from '../wire/connection.ts';
import type { Found, FrameSource, OnTop, TakeDamage } from './frame-source.ts';
import type { FramebufferFile } from './framebuffer-file.ts';
import type { Scanner } from './scanner.ts';

/**
 * Scans the framebuffer file of our own server, which is held still meanwhile: a program that draws would leave
 * parts of two pictures in the copy. Programs wait for the few milliseconds it takes, as they do for any server
 * that reads its own framebuffer.
 */
export class StillSource implements FrameSource {
  readonly #x: XConnection;
  readonly #scanner: Scanner;
  readonly #file: FramebufferFile;

  constructor(x: XConnection, scanner: Scanner, file: FramebufferFile) {
    this.#x = x;
    this.#scanner = scanner;
    this.#file = file;
  }

  async find(takeDamage: TakeDamage, commitAtOnce: boolean, onTop: OnTop): Promise<Found> {
    this.#x.client.GrabServer();
    try {
      const { size, tiles, everything } = await takeDamage(false);
      const scanned = this.#scanner.scan(tiles, { everything, commitAtOnce }, (rows) => onTop(size, rows));
      return { size, everything, ...scanned };
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
