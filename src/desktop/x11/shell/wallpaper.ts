import type { Render } from 'x11';
import { type Size, sameSize } from '../../../pixels/rect.ts';
import { extension, type XConnection } from '../wire/connection.ts';
import { wallpaperFills } from './wallpaper-fills.ts';

// Numbers of the X protocol and of RENDER.
const CONFIGURE_NOTIFY = 22;
const STRUCTURE_NOTIFY_MASK = 0x20000;
const REPLACE = 0;
const OVER = 3;

/** Numbers of one request's rects at most, four for each rect: requests end at 256 KiB. */
const MOST_NUMBERS = 4 * 8192;

/**
 * Milliseconds without a new size after which the wallpaper is drawn again. A smaller value draws it for each size of a
 * window that is dragged; with a larger one, the old picture repeats beside itself for longer.
 */
const REST_MS = 50;

/**
 * The wallpaper of the display, drawn by the X server into a pixmap of the screen's size, and again when the screen has
 * another size. Panels that look transparent find the pixmap by the property `_XROOTPMAP_ID`.
 */
export class Wallpaper {
  readonly #x: XConnection;
  readonly #render: Render;
  readonly #properties: readonly number[];
  #pixmap: number | undefined;
  #size: Size = { width: 0, height: 0 };
  #timer: NodeJS.Timeout | undefined;

  static async show(x: XConnection): Promise<Wallpaper> {
    const render = await extension<Render>('RENDER', (done) => x.client.require('render', done));
    const properties = [await x.atom('_XROOTPMAP_ID'), await x.atom('ESETROOT_PMAP_ID')];
    const wallpaper = new Wallpaper(x, render, properties);
    x.onEvent((event) => {
      if (event.type === CONFIGURE_NOTIFY && event.wid === x.root) wallpaper.#drawLater();
    });
    x.client.ChangeWindowAttributes(x.root, { eventMask: STRUCTURE_NOTIFY_MASK });
    await wallpaper.#draw();
    return wallpaper;
  }

  private constructor(x: XConnection, render: Render, properties: readonly number[]) {
    this.#x = x;
    this.#render = render;
    this.#properties = properties;
  }

  /** Draws nothing more. The picture stays until the connection ends. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #drawLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      // The owner of the connection notices its end.
      this.#draw().catch(() => undefined);
    }, REST_MS).unref();
  }

  async #draw(): Promise<void> {
    const { client, root, screen } = this.#x;
    const { width, height } = await this.#x.request<Size>((_, done) => client.GetGeometry(root, done));
    if (sameSize({ width, height }, this.#size)) return;
    this.#size = { width, height };
    const pixmap = client.AllocID();
    client.CreatePixmap(pixmap, root, screen.root_depth, width, height);
    this.#fill(pixmap);
    client.ChangeWindowAttributes(root, { backgroundPixmap: pixmap });
    client.ClearArea(root, 0, 0, 0, 0, 0);
    const id = Buffer.alloc(4);
    id.writeUInt32LE(pixmap);
    for (const property of this.#properties)
      client.ChangeProperty(REPLACE, root, property, client.atoms.PIXMAP!, 32, id);
    if (this.#pixmap !== undefined) client.FreePixmap(this.#pixmap);
    this.#pixmap = pixmap;
    await this.#x.sync();
  }

  #fill(pixmap: number): void {
    const { client } = this.#x;
    const picture = client.AllocID();
    this.#render.CreatePicture(picture, pixmap, this.#render.rgb24, {});
    for (const { colour, alpha, rects } of wallpaperFills(this.#size)) {
      const part = (shift: number): number => (((colour >> shift) & 0xff) / 0xff) * alpha;
      for (let at = 0; at < rects.length; at += MOST_NUMBERS) {
        const some = rects.slice(at, at + MOST_NUMBERS);
        this.#render.FillRectangles(OVER, picture, [part(16), part(8), part(0), alpha], some);
      }
    }
    this.#render.FreePicture(picture);
    client.ReleaseID(picture);
  }
}
