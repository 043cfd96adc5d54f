import type { Fixes } from 'x11';
import { BoundedMap } from '../../../common/bounded-map.ts';
import type { CursorImage } from '../../desktop.ts';
import { extension, type XConnection } from '../wire/connection.ts';

const DISPLAY_CURSOR_MASK = 1;

/** Number of XFixesCursorNotify, from the extension's first event. */
const CURSOR_NOTIFY = 1;

/**
 * Number of cursors kept. A desktop has a dozen, and an animated one repeats a few. With fewer, each change costs a
 * round trip; each takes some kilobytes.
 */
const CACHE_SIZE = 64;

/** Follows the shape of the cursor. */
export class CursorWatch {
  readonly #x: XConnection;
  readonly #fixes: Fixes;
  readonly #onCursor: (image: CursorImage) => void;
  /** Cursors by X's serial number, oldest first. */
  readonly #cache = new BoundedMap<number, CursorImage>(CACHE_SIZE);
  #current: CursorImage | undefined;

  /** Calls `onCursor` with the present cursor, and again whenever it changes. */
  static async open(x: XConnection, onCursor: (image: CursorImage) => void): Promise<CursorWatch> {
    const fixes = await extension<Fixes>('XFIXES', (done) => x.client.require('fixes', done));
    const watch = new CursorWatch(x, fixes, onCursor);
    x.onEvent((event) => {
      if (event.type !== fixes.firstEvent + CURSOR_NOTIFY) return;
      const known = watch.#cache.get(event.cursorSerial as number);
      if (known) watch.#show(known);
      // The owner of the connection notices its end.
      else watch.#fetch().catch(() => undefined);
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

  async #fetch(): Promise<void> {
    const reply = await this.#x.request<Parameters<Parameters<Fixes['GetCursorImage']>[0]>[1]>((_, done) =>
      this.#fixes.GetCursorImage(done),
    );
    const { width, height, xhot, yhot, cursorSerial, cursorImage } = reply;
    const image = { width, height, hotX: xhot, hotY: yhot, pixels: new Uint8Array(cursorImage) };
    this.#cache.set(cursorSerial, image);
    this.#show(image);
  }

  #show(image: CursorImage): void {
    if (image === this.#current) return;
    this.#current = image;
    this.#onCursor(image);
  }
}
