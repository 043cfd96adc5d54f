import type { DirtyTiles } from '../../../pixels/dirty-tiles.ts';
import type { Offset } from '../../../pixels/motion.ts';
import type { Size } from '../../../pixels/rect.ts';

/** Damage that was taken away from the X server, together with what must be read for other reasons. */
export interface Damaged {
  readonly size: Size;
  readonly tiles: DirtyTiles;
  /** Whether all pixels count as changed, because `shown` can't be compared with. */
  readonly everything: boolean;
}

/** Takes the damage away from the X server. With `startOver`, everything counts as damaged and changed. */
export type TakeDamage = (startOver: boolean) => Promise<Damaged>;

/**
 * A capture as the frame thread knows it. The shared frame has its changed boxes, and `copies` and `rests` if it moved.
 */
export interface CaptureResult {
  readonly size: Size;
  /** Distances by which content moved. */
  readonly moved: readonly Offset[];
  /** Microseconds spent copying pixels out of the X server, over all threads. */
  readonly readUs: number;
  /** Microseconds spent comparing them, over all threads. */
  readonly compareUs: number;
}

/** Reports how many rows of tiles from the top are captured and committed. */
export type OnTop = (size: Size, tileRows: number) => void;

/**
 * A way from damage to changed boxes: takes the damage, copies the damaged pixels into `incoming`, and compares them
 * with `shown`. The source decides when to take the damage, because GrabbedSource must grab the server before.
 */
export interface FrameSource {
  /** With `commitAtOnce`, changes are also committed to `shown`, and `onTop` may be called once. */
  capture(takeDamage: TakeDamage, commitAtOnce: boolean, onTop: OnTop): Promise<CaptureResult>;
  /**
   * Makes `incoming` equal to `shown` in this row of tiles, apart from uncommitted changes. The compare kernel relies
   * on it next to the damage. A capture does it by itself.
   */
  settle(tileRow: number, size: Size): void;
  /** Called between captures. */
  close(): Promise<void>;
}
