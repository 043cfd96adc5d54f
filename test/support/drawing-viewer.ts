import { setTimeout as sleep } from 'node:timers/promises';
import type { UpdateInfo, Viewer } from './viewer.ts';

/** What a viewer measured of one update, by its own clock and in microseconds. */
export interface DrawnReport {
  /** From its first byte to the end of drawing, and the part of that after its last byte. */
  readonly totalUs: number;
  readonly renderUs: number;
  /** Bytes of the update. */
  readonly bytes: number;
}

/**
 * Draws the updates of a viewer as a page does: one after the other, each for `drawMs`, while further ones arrive.
 * Requests another update after each, and tells the server of those that it asks about. The viewer itself sends no
 * requests but those at the start.
 */
export class DrawingViewer {
  /** Time that drawing an update takes, in milliseconds. */
  drawMs = 0;
  /** What it told the server, oldest first. */
  readonly reports: DrawnReport[] = [];
  /** Updates that it has drawn. */
  updates = 0;
  readonly #viewer: Viewer;
  /** Microseconds of a unit in which it tells the server: 1 for Deskwire's page, 1000 for KasmVNC's. */
  readonly #unitUs: number;
  #isNextTimed = false;
  #drawn: Promise<void> = Promise.resolve();

  constructor(viewer: Viewer, unitUs = 1) {
    this.#viewer = viewer;
    this.#unitUs = unitUs;
    viewer.on('message', ({ type }) => {
      if (type === 'reportFrameStats') this.#isNextTimed = true;
    });
    viewer.on('update', (update) => {
      const isTimed = this.#isNextTimed;
      this.#isNextTimed = false;
      const queuedMs = performance.now();
      this.#drawn = this.#drawn.then(() => this.#draw(update, queuedMs, isTimed));
    });
  }

  async #draw({ startMs, bytes }: UpdateInfo, queuedMs: number, isTimed: boolean): Promise<void> {
    if (this.drawMs > 0) await sleep(this.drawMs);
    if (this.#viewer.closedReason !== undefined) return;
    this.updates++;
    if (isTimed) this.#report(startMs, queuedMs, bytes);
    this.#viewer.requestUpdate(true);
  }

  #report(startMs: number, queuedMs: number, bytes: number): void {
    const nowMs = performance.now();
    const unit = this.#unitUs / 1000;
    const [totalTime, renderTime] = [(nowMs - startMs) / unit, (nowMs - queuedMs) / unit].map(Math.round) as [
      number,
      number,
    ];
    this.reports.push({ totalUs: totalTime * this.#unitUs, renderUs: renderTime * this.#unitUs, bytes });
    this.#viewer.send({ type: 'frameStats', totalTime, renderTime });
  }
}
