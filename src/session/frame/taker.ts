import type { EncoderName } from '../../encode/encoders/encoder-name.ts';
import type { PlacedCursor } from '../../encode/make/draw-cursor.ts';
import type { PlannedCopies } from '../../encode/plan/copy-rects.ts';
import type { PictureKnowledge, PlannedRect } from '../../encode/plan/policy.ts';
import type { EncodeProfile } from '../../encode/plan/profile.ts';
import type { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import type { Size } from '../../pixels/rect.ts';

/** What is to be sent to somebody: first what moved, step by step, then what is to be seen besides. */
export interface Owed {
  readonly copies: readonly PlannedCopies[];
  readonly tiles: DirtyTiles;
  /** What they have with loss, and are to have as it looks best. */
  readonly sharpening?: DirtyTiles;
}

/** Somebody who is owed pixels: a viewer, or the measuring of a frame that nobody watches. */
export interface Taker {
  readonly profile: EncodeProfile;
  readonly profileKey: string;
  readonly lacksSomething: boolean;
  /** Whether an update may begin before it is known how many rects it has. */
  readonly takesOpenUpdates: boolean;
  /**
   * Takes as much of what it lacks as its link carries in one update. May choose another profile for it, which holds
   * until the next time.
   */
  takeLacks(shown: ShownFrame): Owed;
  /** What it lacks in the first rows of tiles alone. */
  takeLacksAtTop(tileRows: number, shown: ShownFrame): Owed;
  /** What it took will be sent as these rects. */
  planned(rects: readonly PlannedRect[]): void;
  /** An update of that many rects begins, undefined where it will tell at its end; `rect` and `done` follow, or `failed`. */
  begin(rects: number | undefined): void;
  rect(bytes: Uint8Array, encoder: EncoderName): void;
  /** All of it has been handed over; encoding and what went before it took `cpuMs`. */
  done(cpuMs: number): void;
  failed(error: Error): void;
}

/** The picture as it is now; it must not change before the pass is over. */
export interface ShownFrame extends PictureKnowledge {
  readonly size: Size;
  /** The pointer as it is drawn for viewers whose profile asks for that. */
  readonly cursor: PlacedCursor | undefined;
  /** Whether a tile has held still for a while. */
  readonly isStill: (tileX: number, tileY: number) => boolean;
  /** Pixels that there is time for to encode as WebP. */
  readonly webpPx: number;
}
