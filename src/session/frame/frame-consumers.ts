import type { Capture } from '../../desktop/desktop.ts';
import type { PlacedCursor } from '../../encode/make/draw-cursor.ts';
import type { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import type { Motion } from '../../pixels/motion.ts';
import type { FrameRecord } from './frame-record.ts';
import type { Taker } from './taker.ts';

/** The viewers, as the frame loop sees them. */
export interface FrameConsumers {
  /** Number of viewers that are sent the picture, ready or not. */
  readonly watchers: number;
  /** Number of users whose viewers are sent the picture. */
  readonly users: number;
  /** Whether a viewer that is sent the picture, ready or not, takes Tight. Older encodings are in the background then. */
  readonly hasForeground: boolean;
  /** Takers that could be sent an update now, if they lack anything. Called several times per frame. */
  ready(): Taker[];
  /** Those of `ready()` that lack something. */
  owed(): Taker[];
  /**
   * Each viewer that lacks something and is not ready delays a frame from now on, and each one that lacks nothing delays
   * none. With `hasChanged`, every viewer may lack something: pixels that are not captured or not committed yet.
   */
  frameWaits(nowMs: number, hasChanged: boolean): void;
  /**
   * These tiles of the shown picture have changed, with the frame of that record; `motion` says which of them moved.
   */
  changed(tiles: DirtyTiles, record: FrameRecord, motion?: Motion): void;
  /** The shown picture has another size, and all of it has changed. */
  resized(capture: Capture): void;
  /** Whether a tile of the picture keeps changing. */
  isMoving(tileX: number, tileY: number, nowMs: number): boolean;
  /** Whether a tile has not changed for a while. */
  isStill(tileX: number, tileY: number, nowMs: number): boolean;
  /** The cursor to draw into the picture, for viewers that cannot draw it. */
  drawnCursor(): PlacedCursor | undefined;
}
