import { closeSync, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs';
import type { Shm } from 'x11';
import type { Rect, Size } from '../../src/pixels/rect.ts';
import { PICTURE_PREFIX } from '../process-usage.ts';
import type { Picture } from './picture.ts';
import { connectX11, type PaintingDisplay, type PaintingShm, replyTo, roundTrip } from './x11-client.ts';

const Z_PIXMAP = 2;
const DEPTH = 24;
const INPUT_OUTPUT = 1;
const BACKGROUND = 0x202428;
/** Event mask and type of a key that is pressed. */
const KEY_PRESS_MASK = 1;
const KEY_PRESS = 2;
/** What gets the keys when the window that has them is gone: the window below the pointer. */
const POINTER_ROOT = 1;
/** Map state of a window that can be seen. */
const VIEWABLE = 2;
/** Smallest area of a program's main window. Smaller ones are helpers. */
const LEAST_WINDOW_PX = 200 * 100;

/** A window inside a canvas. */
export interface CanvasWindow {
  readonly id: number;
  moveTo(x: number, y: number): void;
  close(): void;
}

/** A window over the whole screen of an X display, painted from pictures shared with the X server. */
export class Canvas {
  readonly displayName: string;
  readonly display: PaintingDisplay;
  readonly size: Size;
  readonly #shm: PaintingShm;
  readonly #window: number;
  readonly #context: number;

  private constructor(displayName: string, display: PaintingDisplay, shm: PaintingShm) {
    this.displayName = displayName;
    const screen = display.screen[0]!;
    const { client } = display;
    this.display = display;
    this.#shm = shm;
    this.size = { width: screen.pixel_width, height: screen.pixel_height };
    this.#window = client.AllocID();
    const { width, height } = this.size;
    client.CreateWindow(this.#window, screen.root, 0, 0, width, height, 0, DEPTH, INPUT_OUTPUT, 0, {
      overrideRedirect: 1,
      backgroundPixel: BACKGROUND,
    });
    client.MapWindow(this.#window);
    this.#context = client.AllocID();
    client.CreateGC(this.#context, this.#window, {});
  }

  static async open(displayName: string): Promise<Canvas> {
    const display = await connectX11(displayName);
    const shm = await replyTo<Shm>((done) => display.client.require('shm', done));
    const canvas = new Canvas(displayName, display, shm as PaintingShm);
    await canvas.settled();
    return canvas;
  }

  /** Resolves when the X server has carried out all earlier requests. */
  settled(): Promise<void> {
    return roundTrip(this.display.client);
  }

  async clear(): Promise<void> {
    this.display.client.ClearArea(this.#window, 0, 0, 0, 0, 0);
    await this.settled();
  }

  /** Takes the keyboard, and calls `onPress` for each key that is pressed, until the returned function is called. */
  async watchKeys(onPress: () => void): Promise<() => void> {
    const { client } = this.display;
    const onEvent = ({ type }: { type: number }): void => {
      if (type === KEY_PRESS) onPress();
    };
    client.on('event', onEvent);
    client.ChangeWindowAttributes(this.#window, { eventMask: KEY_PRESS_MASK });
    client.SetInputFocus(this.#window, POINTER_ROOT);
    await this.settled();
    return () => {
      client.off('event', onEvent);
      client.ChangeWindowAttributes(this.#window, { eventMask: 0 });
    };
  }

  /**
   * Opens a window inside this one, above all earlier ones. It shows `picture` from its upper left corner; the X
   * server itself paints what comes into view.
   */
  openWindow(place: Rect, picture: SharedPicture): CanvasWindow {
    return this.#open(this.#window, place, picture);
  }

  /** Opens a window above those of all programs. */
  openTop(place: Rect, picture: SharedPicture): CanvasWindow {
    return this.#open(this.display.screen[0]!.root, place, picture);
  }

  /** Returns the largest window on the screen that is not the canvas. */
  async largestOtherWindow(): Promise<number | undefined> {
    const { client, screen } = this.display;
    const { children } = await replyTo<{ children: number[] }>((done) =>
      client.QueryTree(screen[0]!.root, done),
    );
    const found: { readonly id: number; readonly areaPx: number }[] = [];
    for (const id of children) {
      if (id === this.#window) continue;
      const areaPx = await this.#visibleAreaPx(id);
      if (areaPx > LEAST_WINDOW_PX) found.push({ id, areaPx });
    }
    return found.sort((a, b) => b.areaPx - a.areaPx)[0]?.id;
  }

  /** Returns the area of a window, 0 if it is not visible or was closed meanwhile. */
  async #visibleAreaPx(id: number): Promise<number> {
    const { client } = this.display;
    try {
      const { mapState } = await replyTo<{ mapState: number }>((done) =>
        client.GetWindowAttributes(id, done),
      );
      const { width, height } = await replyTo<Size>((done) => client.GetGeometry(id, done));
      return mapState === VIEWABLE ? width * height : 0;
    } catch {
      return 0;
    }
  }

  #open(parent: number, place: Rect, picture: SharedPicture): CanvasWindow {
    const { client } = this.display;
    const id = client.AllocID();
    const { x, y, width, height } = place;
    const attributes = { overrideRedirect: 1 };
    client.CreateWindow(id, parent, x, y, width, height, 0, DEPTH, INPUT_OUTPUT, 0, attributes);
    this.#setBackground(id, picture, place);
    client.MapWindow(id);
    return {
      id,
      moveTo: (toX, toY) => client.ConfigureWindow(id, { x: toX, y: toY }),
      close: () => client.DestroyWindow(id),
    };
  }

  /** Shows `picture` behind all windows inside this one. Without a picture, a plain colour. */
  setBackground(picture?: SharedPicture): void {
    if (picture) this.#setBackground(this.#window, picture, this.size);
    else this.display.client.ChangeWindowAttributes(this.#window, { backgroundPixel: BACKGROUND });
    this.display.client.ClearArea(this.#window, 0, 0, 0, 0, 0);
  }

  #setBackground(window: number, picture: SharedPicture, { width, height }: Size): void {
    const { client } = this.display;
    const pixmap = client.AllocID();
    client.CreatePixmap(pixmap, window, DEPTH, width, height);
    this.put(picture, 0, 0, { width, height }, 0, 0, pixmap);
    client.ChangeWindowAttributes(window, { backgroundPixmap: pixmap });
    client.FreePixmap(pixmap);
  }

  async share(picture: Picture): Promise<SharedPicture> {
    const segment = this.display.client.AllocID();
    const path = `/dev/shm/${PICTURE_PREFIX}${process.pid}-${segment}`;
    const fd = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    ftruncateSync(fd, picture.pixels.byteLength);
    await replyTo<void>((done) => this.#shm.AttachFd(segment, fd, false, done));
    const shared = new SharedPicture(picture, fd, segment);
    shared.writeRows(0, picture.height);
    return shared;
  }

  async unshare(shared: SharedPicture): Promise<void> {
    this.#shm.Detach(shared.segment);
    await this.settled();
    closeSync(shared.fd);
  }

  /** Puts a part of a shared picture on the screen, or into another drawable, by one request. */
  put(
    shared: SharedPicture,
    srcX: number,
    srcY: number,
    part: Size,
    dstX: number,
    dstY: number,
    drawable = this.#window,
  ): void {
    this.#shm.PutImage(drawable, this.#context, {
      totalWidth: shared.picture.width,
      totalHeight: shared.picture.height,
      srcX,
      srcY,
      srcWidth: part.width,
      srcHeight: part.height,
      dstX,
      dstY,
      depth: DEPTH,
      format: Z_PIXMAP,
      sendEvent: false,
      shmseg: shared.segment,
      offset: 0,
    });
  }

  close(): void {
    this.display.client.terminate();
  }
}

/** A picture whose pixels the X server reads. Draw into its copy `picture` before `write…`. */
export class SharedPicture {
  readonly picture: Picture;
  readonly fd: number;
  readonly segment: number;

  constructor(picture: Picture, fd: number, segment: number) {
    this.picture = picture;
    this.fd = fd;
    this.segment = segment;
  }

  writeRows(y: number, rows: number): void {
    const { pixels, width } = this.picture;
    const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
    let at = y * width * 4;
    const end = (y + rows) * width * 4;
    while (at < end) at += writeSync(this.fd, bytes, at, end - at, at);
  }

  /** Copies `source` over the place at (x, y) and leaves `picture` unchanged. */
  overlay(source: Picture, x: number, y: number): void {
    for (let row = 0; row < source.height; row++) {
      this.#writeSpan(source, row * source.width, source.width, x, y + row);
    }
  }

  /** Restores the pixels of `picture` at that place. */
  restore(x: number, y: number, size: Size): void {
    for (let row = y; row < y + size.height; row++) {
      this.#writeSpan(this.picture, row * this.picture.width + x, size.width, x, row);
    }
  }

  #writeSpan(source: Picture, from: number, pixels: number, x: number, y: number): void {
    const bytes = new Uint8Array(source.pixels.buffer, source.pixels.byteOffset + from * 4, pixels * 4);
    writeSync(this.fd, bytes, 0, bytes.length, (y * this.picture.width + x) * 4);
  }
}
