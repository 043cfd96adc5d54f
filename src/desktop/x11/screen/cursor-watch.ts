import type { Fixes } from 'x11';
import { BoundedMap } from '../../../common/bounded-map.ts';
import { BYTES_PER_PIXEL } from '../../../pixels/shared-frame.ts';
import type { CursorImage } from '../../desktop.ts';
import { extension, type XConnection } from '../wire/connection.ts';

const DISPLAY_CURSOR_MASK = 1;

/** Number of XFixesCursorNotify, from the extension's first event. */
const CURSOR_NOTIFY = 1;

/**
 * Bytes of cursors that are kept. A desktop has a dozen of some kilobytes each, and an animated one repeats a few. With
 * fewer, each change costs a round trip; more take memory.
 */
const MOST_KEPT_BYTES = 4 * 1024 * 1024;

/**
 * Pixels of a cursor's side that are shown; desktops have up to 96. Any program can make cursors of thousands. With a
 * larger value, these take more memory, and more time for each viewer.
 */
const MOST_SIDE_PX = 256;

/** Follows the shape of the cursor. */
export class CursorWatch {
  readonly #x: XConnection;
  readonly #fixes: Fixes;
  readonly #onCursor: (image: CursorImage) => void;
  /** Cursors by X's serial number, oldest first. */
  readonly #cache = new BoundedMap<number, CursorImage>(MOST_KEPT_BYTES, ({ pixels }) => pixels.length);
  #current: CursorImage | undefined;
  #isFetching = false;
  /** The cursor has changed since the one that is being fetched was asked for. */
  #isStale = false;

  /** Calls `onCursor` with the present cursor, and again whenever it changes. */
  static async open(x: XConnection, onCursor: (image: CursorImage) => void): Promise<CursorWatch> {
    const fixes = await extension<Fixes>('XFIXES', (done) => x.client.require('fixes', done));
    const watch = new CursorWatch(x, fixes, onCursor);
    x.onEvent((event) => {
      if (event.type !== fixes.firstEvent + CURSOR_NOTIFY) return;
      const known = watch.#cache.get(event.cursorSerial as number);
      if (known && !watch.#isFetching) watch.#show(known);
      // The owner of the connection notices its end.
      else watch.#fetchLast().catch(() => undefined);
    });
    fixes.SelectCursorInput(x.root, DISPLAY_CURSOR_MASK);
    await watch.#fetch();
    return watch;
  }

  constructor(x: XConnection, fixes: Fixes, onCursor: (image: CursorImage) => void) {
    this.#x = x;
    this.#fixes = fixes;
    this.#onCursor = onCursor;
  }

  /** Fetches until the cursor stays the same. One at a time: a program may change it 10,000 times in a second. */
  async #fetchLast(): Promise<void> {
    this.#isStale = true;
    if (this.#isFetching) return;
    this.#isFetching = true;
    try {
      while (this.#isStale) {
        this.#isStale = false;
        await this.#fetch();
      }
    } finally {
      this.#isFetching = false;
    }
  }

  async #fetch(): Promise<void> {
    const reply = await this.#x.request<Parameters<Parameters<Fixes['GetCursorImage']>[0]>[1]>((_, done) =>
      this.#fixes.GetCursorImage(done),
    );
    const { width, height, xhot, yhot, cursorSerial, cursorImage } = reply;
    const image = cropped({ width, height, hotX: xhot, hotY: yhot, pixels: cursorImage });
    this.#cache.set(cursorSerial, image);
    this.#show(image);
  }

  #show(image: CursorImage): void {
    if (image === this.#current) return;
    this.#current = image;
    this.#onCursor(image);
  }
}

/** A copy of a cursor, or of the part around its hot spot if it is too large. */
export function cropped(image: CursorImage): CursorImage {
  const { hotX, hotY, pixels } = image;
  const [width, height] = [Math.min(image.width, MOST_SIDE_PX), Math.min(image.height, MOST_SIDE_PX)];
  const left = Math.max(0, Math.min(hotX - (width >> 1), image.width - width));
  const top = Math.max(0, Math.min(hotY - (height >> 1), image.height - height));
  const part = new Uint8Array(width * height * BYTES_PER_PIXEL);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * image.width + left) * BYTES_PER_PIXEL;
    const row = pixels.subarray(from, from + width * BYTES_PER_PIXEL);
    part.set(row, y * width * BYTES_PER_PIXEL);
  }
  return { width, height, hotX: hotX - left, hotY: hotY - top, pixels: part };
}
