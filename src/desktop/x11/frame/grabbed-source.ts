import type { Size } from '../../../pixels/rect.ts';
import type { LeanConnection } from '../wire/lean-connection.ts';
import { GRAB_SERVER, UNGRAB_SERVER } from './frame-requests.ts';
import type { CaptureResult, FrameSource, OnTop, TakeDamage } from './frame-source.ts';
import type { FramebufferFile } from './framebuffer-file.ts';
import type { ScanHelpers } from './scan-helpers.ts';
import { HELP_FROM_TILES, type Scanner, ScanStalledError } from './scanner.ts';

/**
 * Number of scans that a capture tries if a helper stops in the middle of each. With more, a capture takes longer on a
 * machine whose threads keep stopping; with one, every stop of a helper fails a capture.
 */
const SCAN_TRIES = 2;

/**
 * Scans the framebuffer file of our own X server, which is grabbed meanwhile: a program that draws would leave parts
 * of two pictures in the copy. Programs wait for the few milliseconds of a scan, as they do for any server that reads
 * its own framebuffer.
 */
export class GrabbedSource implements FrameSource {
  readonly #x: Pick<LeanConnection, 'send' | 'flush' | 'isOpen'>;
  readonly #scanner: Pick<Scanner, 'scan' | 'settle'>;
  readonly #helpers: Pick<ScanHelpers, 'close' | 'replace' | 'wanted'>;
  readonly #file: Pick<FramebufferFile, 'close'>;
  /** Defined when a helper could not be ended. It may write to any later frame, so there is none. */
  #unusable: { readonly cause: unknown } | undefined;

  constructor(
    x: Pick<LeanConnection, 'send' | 'flush' | 'isOpen'>,
    scanner: Pick<Scanner, 'scan' | 'settle'>,
    helpers: Pick<ScanHelpers, 'close' | 'replace' | 'wanted'>,
    file: Pick<FramebufferFile, 'close'>,
  ) {
    this.#x = x;
    this.#scanner = scanner;
    this.#helpers = helpers;
    this.#file = file;
  }

  async capture(takeDamage: TakeDamage, commitAtOnce: boolean, onTop: OnTop): Promise<CaptureResult> {
    let hasReportedTop = false;
    const scan = (startOver: boolean): Promise<CaptureResult> =>
      this.#scanStill(takeDamage, startOver, commitAtOnce, (size, rows) => {
        hasReportedTop = true;
        onTop(size, rows);
      });
    for (let attempt = 1; ; attempt++) {
      if (this.#unusable) throw this.#unusable.cause;
      try {
        return await scan(attempt > 1);
      } catch (error) {
        if (!(error instanceof ScanStalledError)) throw error;
        await this.#replaceHelpers();
        // Encoders read a reported top already. Only a later capture may write to it again.
        if (hasReportedTop || attempt === SCAN_TRIES) throw error;
      }
    }
  }

  /** A helper that is only slow may still write to the frame until it has ended. */
  async #replaceHelpers(): Promise<void> {
    try {
      await this.#helpers.replace();
    } catch (cause) {
      this.#unusable = { cause };
      throw cause;
    }
  }

  settle(tileRow: number, size: Size): void {
    this.#scanner.settle(tileRow, size);
  }

  async close(): Promise<void> {
    await this.#helpers.close();
    this.#file.close();
  }

  async #scanStill(
    takeDamage: TakeDamage,
    startOver: boolean,
    commitAtOnce: boolean,
    onTop: OnTop,
  ): Promise<CaptureResult> {
    this.#x.send(GRAB_SERVER);
    let isLarge = false;
    try {
      const { size, tiles, everything } = await takeDamage(startOver);
      isLarge = tiles.tiles >= HELP_FROM_TILES;
      return this.#scanner.scan(tiles, { everything, commitAtOnce }, (rows) => onTop(size, rows));
    } finally {
      this.#ungrab();
      // Starting a thread takes a millisecond or two of this one.
      if (isLarge) this.#helpers.wanted();
    }
  }

  #ungrab(): void {
    if (!this.#x.isOpen) return;
    this.#x.send(UNGRAB_SERVER);
    this.#x.flush();
  }
}
