import { DirtyTiles, TILE_SIZE, tileCount } from '../../../pixels/dirty-tiles.ts';
import type { Kernels } from '../../../pixels/kernels/kernels.ts';
import { areaPx, isWithin, type Rect, type Size, sameSize, wholeOf } from '../../../pixels/rect.ts';
import { BYTES_PER_PIXEL, type SharedFrame } from '../../../pixels/shared-frame.ts';
import type { LeanConnection } from '../wire/lean-connection.ts';
import type { DamageWatch } from './damage-watch.ts';
import { aimImage, getImage, REPLY_DATA_AT } from './frame-requests.ts';
import type { CaptureResult, FrameSource } from './frame-source.ts';

/**
 * Pixels of the largest box whose pixels come with the answer of the X server: a line of text on a wide screen. For
 * larger ones, the server's two copies and ours cost more than reading its framebuffer.
 */
const MOST_PX = 32 * 1024;

/** Damage that was taken, and whose pixels are not all there. */
export interface Missed {
  readonly missed: Rect | undefined;
}

/**
 * Captures small changes, such as a caret or a line of text that is being typed, in the round trip that takes the
 * damage away. The X server carries out each request in one piece, so the server need not be grabbed, and the pixels
 * are never those of two pictures.
 */
export class SmallSource {
  readonly #x: LeanConnection;
  readonly #watch: DamageWatch;
  readonly #frame: SharedFrame;
  readonly #kernels: Kernels;
  readonly #incoming: Uint8Array;
  readonly #settle: FrameSource['settle'];
  readonly #getImage: Buffer;

  /** `settle` is that of the source of larger changes. */
  constructor(
    x: LeanConnection,
    watch: DamageWatch,
    frame: SharedFrame,
    kernels: Kernels,
    settle: FrameSource['settle'],
  ) {
    this.#x = x;
    this.#watch = watch;
    this.#frame = frame;
    this.#kernels = kernels;
    this.#incoming = Buffer.from(frame.memory.buffer, frame.incomingAt, frame.shownAt - frame.incomingAt);
    this.#settle = settle;
    this.#getImage = getImage(x.root);
  }

  /** Returns the box to capture if all damage is small, and the screen has the size of the shown picture. */
  boxOf(shown: Size): Rect | undefined {
    const { box, screen } = this.#watch;
    const isSmall = box && areaPx(box) <= MOST_PX && sameSize(screen, shown) && isWithin(box, wholeOf(shown));
    return isSmall ? box : undefined;
  }

  /**
   * Captures the damage in `box`, a result of `boxOf`. If the damage turns out to be larger, no pixels count, and the
   * next capture must include what was missed. Rejects with `DESKTOP_X_ERROR` if the screen became smaller.
   */
  async capture(box: Rect, size: Size, commitAtOnce: boolean): Promise<CaptureResult | Missed> {
    const taken = this.#watch.take();
    const answer = this.#x.ask(aimImage(this.#getImage, box));
    this.#x.flush();
    const image = await answer;
    if (taken.box !== box) return { missed: taken.box };
    const startMs = performance.now();
    const tileRows = tileRowsOf(box);
    for (const tileRow of tileRows) this.#settle(tileRow, size);
    this.#copy(image, box, size);
    const copiedMs = performance.now();
    this.#markDamage(box, size);
    for (const tileRow of tileRows) this.#kernels.compare(size, { commitAtOnce, tileRow });
    const endMs = performance.now();
    return {
      size,
      moved: [],
      readUs: Math.round((copiedMs - startMs) * 1000),
      compareUs: Math.round((endMs - copiedMs) * 1000),
    };
  }

  #copy(image: Buffer, { x, y, width, height }: Rect, size: Size): void {
    const strideBytes = size.width * BYTES_PER_PIXEL;
    const bytes = width * BYTES_PER_PIXEL;
    let from = REPLY_DATA_AT;
    let to = y * strideBytes + x * BYTES_PER_PIXEL;
    for (let row = 0; row < height; row++) {
      image.copy(this.#incoming, to, from, from + bytes);
      from += bytes;
      to += strideBytes;
    }
  }

  #markDamage(box: Rect, size: Size): void {
    const { memory, boxesAt } = this.#frame;
    const tiles = new DirtyTiles(size);
    tiles.add(box);
    tiles.writeTo(new Uint32Array(memory.buffer, boxesAt, tileCount(size)));
  }
}

function tileRowsOf({ y, height }: Rect): number[] {
  const first = Math.floor(y / TILE_SIZE);
  const last = Math.floor((y + height - 1) / TILE_SIZE);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
