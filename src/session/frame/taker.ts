import type { EncoderName } from '../../encode/encoders/encoder-name.ts';
import type { PlacedCursor } from '../../encode/make/draw-cursor.ts';
import type { PlannedCopies } from '../../encode/plan/plan-copies.ts';
import type { PictureKnowledge, PlannedRect } from '../../encode/plan/plan-rects.ts';
import type { EncodeProfile } from '../../encode/plan/profile.ts';
import type { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import type { Size } from '../../pixels/rect.ts';
import type { EncoderBudget } from './encoder-budget.ts';

/** Content of one update: the copies are drawn first, step by step, then the encoded tiles in any order. */
export interface Owed {
  readonly copies: readonly PlannedCopies[];
  /** Tiles whose content changed. */
  readonly tiles: DirtyTiles;
  /** Tiles that the taker was sent with loss and is now sent at the best quality. Disjoint from `tiles`. */
  readonly sharpening?: DirtyTiles;
}

/** Bytes that an update usually takes, by the encoding of its tiles. */
export interface UsualBytes {
  readonly jpeg: number;
  readonly lossless: number;
}

/**
 * One update of one taker, or one of its two parts. Immutable: no later call changes how it is encoded. Takers whose
 * plans have equal `key` and equal `owed` are sent the same bytes.
 */
export interface UpdatePlan {
  readonly owed: Owed;
  readonly profile: EncodeProfile;
  /** `profileKey(profile)`. */
  readonly key: string;
  /** Expected bytes, which the taker compares with the sent ones. Undefined if it does not learn from them. */
  readonly usual?: UsualBytes;
}

/** A rect of an update, and why it is sent. */
export interface UpdateRect extends PlannedRect {
  readonly purpose: 'change' | 'sharpening';
}

/** Bytes of an encoded rect of a plan, with its header. */
export interface SentRect {
  readonly encoder: EncoderName;
  readonly purpose: UpdateRect['purpose'];
  readonly bytes: number;
}

/** A plan whose rects have all been passed to the taker. */
export interface SentPlan {
  readonly plan: UpdatePlan;
  readonly rects: readonly SentRect[];
}

/** The pixels of an update that is not planned yet. */
export interface NextUpdate {
  readonly tiles: DirtyTiles;
  /** Most pixels that it sharpens. */
  readonly sharpeningPx: number;
  readonly profile: EncodeProfile;
  /** `profileKey(profile)`. */
  readonly key: string;
}

/** Receiver of updates: a viewer, or the measurement of a frame that no viewer watches. */
export interface Taker {
  readonly lacksSomething: boolean;
  /** Whether an update may begin before its number of rects is known. */
  readonly takesTopFirst: boolean;
  /** Budget of the viewer's user. Undefined for a taker that is no viewer. */
  readonly encoder: EncoderBudget | undefined;
  /** How its rects are encoded. */
  readonly encoding: EncodeProfile['encoding'];
  /** What its next update probably has, but for its copies. */
  readonly next: NextUpdate;
  /** Number of the tile that the next update begins with, if its last one was cut. */
  nextTile: number;
  /** Takes as much of what it lacks as its link carries in one update. */
  take(shown: ShownFrame): UpdatePlan;
  /** Takes what it lacks in the first `tileRows` rows of tiles. */
  takeTop(tileRows: number, shown: ShownFrame): UpdatePlan;
  /** Lacks these tiles again, which it was to be sent. */
  giveBack(tiles: DirtyTiles): void;
  /** Begins an update of `rectCount` rects; undefined if the update says at its end that it is over. */
  begin(rectCount: number | undefined): OpenUpdate;
  /**
   * Called at most once in a pass, in place of all calls that would follow, if any step of its update failed. What was
   * taken is lost: the taker must end its connection.
   */
  failed(error: Error): void;
}

/** An update that has begun. */
export interface OpenUpdate {
  /** Begins the rects of one plan. An update that begins with the top has two plans. */
  part(rects: readonly UpdateRect[]): UpdatePart;
  /** All parts have been passed on. `cpuMs`: from the beginning of the capture to the end of encoding. */
  end(cpuMs: number, sent: readonly SentPlan[]): void;
}

/** Takes the rects of one plan: the copies in their order, then the encoded rects in any order. */
export interface UpdatePart {
  /** The bytes may be overwritten after this turn of the event loop. */
  rect(bytes: Uint8Array): void;
}

/** The shown picture. It does not change before the pass is over. */
export interface ShownFrame extends PictureKnowledge {
  readonly size: Size;
  /** Cursor to draw for takers whose profile asks for that. */
  readonly cursor: PlacedCursor | undefined;
  /** Whether a tile has not changed for a while. */
  readonly isStill: (tileX: number, tileY: number) => boolean;
  /** Pixels per frame that the encoder threads have time to encode as WebP. */
  readonly webpPx: number;
}
