import type { DirtyTiles } from '../../../pixels/dirty-tiles.ts';
import type { Offset } from '../../../pixels/motion.ts';
import type { Size } from '../../../pixels/rect.ts';

/** What may have changed since the last capture. */
export interface Damaged {
  readonly size: Size;
  readonly tiles: DirtyTiles;
  /** All of it counts as changed: nothing in `shown` is worth comparing with. */
  readonly everything: boolean;
}

/** Takes the damage away from the server and tells what it was; with `again`, everything is damaged. */
export type TakeDamage = (again: boolean) => Promise<Damaged>;

/** What was found in the damage; the changed boxes are in the shared frame. */
export interface Found {
  readonly size: Size;
  readonly everything: boolean;
  /** Time spent copying pixels and comparing them, over all threads, in microseconds. */
  readonly readUs: number;
  readonly compareUs: number;
  /** How far content moved: then `copies` and `rests` are in the shared frame as well. */
  readonly moved: Offset | undefined;
}

export type OnTop = (size: Size, tileRows: number) => void;

/**
 * A way from damage to what changed: the damage is taken, the damaged pixels are copied into `incoming`, and
 * compared with `shown`. When the damage is taken is the source's matter, since one of them has to stop the
 * server before.
 */
export interface FrameSource {
  /**
   * With `commitAtOnce`, what changed is in `shown` too. `onTop` may be called once, when so many rows of tiles
   * from the top are.
   */
  find(takeDamage: TakeDamage, commitAtOnce: boolean, onTop: OnTop): Promise<Found>;
  close(): void;
}
