import { readFileSync } from 'node:fs';
import type { Picture } from '../../bench/painter/picture.ts';
import type { PaintingClient } from '../../bench/painter/x11-client.ts';
import { XConnection } from '../../src/desktop/x11/wire/connection.ts';
import type { Rect } from '../../src/pixels/rect.ts';

const Z_PIXMAP = 2;
const DEPTH = 24;
/** Bytes of a request with rows of a picture. The protocol's limit is 256 KiB. */
const REQUEST_BYTES = 128 * 1024;

/** A program on an X display that draws on the root window. Drawing outside the screen has no effect. */
export class XPainter {
  readonly #x: XConnection;
  readonly #client: PaintingClient;
  readonly #gc: number;
  readonly #photo: number;

  /**
   * `environment` has DISPLAY and, if the display needs a cookie, XAUTHORITY. The method `photo` draws parts of
   * `photo`.
   */
  static async open(environment: NodeJS.ProcessEnv, photo?: Picture): Promise<XPainter> {
    // The file has one entry, which ends with the cookie.
    const { DISPLAY, XAUTHORITY } = environment;
    const cookie = XAUTHORITY ? readFileSync(XAUTHORITY).subarray(-16) : undefined;
    const painter = new XPainter(await XConnection.open({ display: DISPLAY!, cookie, buffered: true }));
    if (photo) painter.#keepPhoto(photo);
    await painter.settled();
    return painter;
  }

  constructor(x: XConnection) {
    this.#x = x;
    this.#client = x.client as PaintingClient;
    const font = this.#client.AllocID();
    this.#client.OpenFont(font, 'fixed');
    this.#gc = this.#client.AllocID();
    const values = { foreground: 0, background: 0xffffff, font, graphicsExposures: 0 };
    this.#client.CreateGC(this.#gc, x.root, values);
    this.#photo = this.#client.AllocID();
  }

  fill(colour: number, ...rects: readonly Rect[]): void {
    this.#client.ChangeGC(this.#gc, { foreground: colour });
    const numbers = rects.flatMap(({ x, y, width, height }) => [x, y, width, height]);
    this.#client.PolyFillRectangle(this.#x.root, this.#gc, numbers);
  }

  /** Draws at most 255 characters on white. */
  text(colour: number, x: number, y: number, text: string): void {
    this.#client.ChangeGC(this.#gc, { foreground: colour });
    this.#client.ImageText8(this.#x.root, this.#gc, x, y, text);
  }

  /** Copies the pixels at (`srcX`, `srcY`) to `target`, as scrolling does. */
  move(srcX: number, srcY: number, target: Rect): void {
    this.#copy(this.#x.root, srcX, srcY, target);
  }

  /** Draws the part of the photograph at (`srcX`, `srcY`) over `target`. */
  photo(srcX: number, srcY: number, target: Rect): void {
    this.#copy(this.#photo, srcX, srcY, target);
  }

  /** Resolves with the number of keys that are down on the X server. */
  async keysDown(): Promise<number> {
    const map = await this.#x.request<Buffer>((client, done) => client.QueryKeymap(done));
    return [...map].reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
  }

  async pointer(): Promise<{ x: number; y: number }> {
    const { rootX, rootY } = await this.#x.request<{ rootX: number; rootY: number }>((client, done) =>
      client.QueryPointer(this.#x.root, done),
    );
    return { x: rootX, y: rootY };
  }

  /** Resolves when all drawing so far is on the screen. */
  settled(): Promise<void> {
    return this.#x.sync();
  }

  close(): Promise<void> {
    return this.#x.close();
  }

  #copy(source: number, srcX: number, srcY: number, { x, y, width, height }: Rect): void {
    this.#client.CopyArea(source, this.#x.root, this.#gc, srcX, srcY, x, y, width, height);
  }

  #keepPhoto({ width, height, pixels }: Picture): void {
    this.#client.CreatePixmap(this.#photo, this.#x.root, DEPTH, width, height);
    const bytes = Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength);
    const rows = Math.floor(REQUEST_BYTES / (width * 4));
    for (let y = 0; y < height; y += rows) {
      const part = bytes.subarray(y * width * 4, (y + rows) * width * 4);
      const count = part.length / (width * 4);
      this.#client.PutImage(Z_PIXMAP, this.#photo, this.#gc, width, count, 0, y, 0, DEPTH, part);
    }
  }
}
