import { type Callback, createClient, type Display, type Shm, type XClient } from 'x11';

/** Parts of the x11 package that painting needs and the product does not. */
export interface PaintingClient extends XClient {
  CopyArea(
    source: number,
    target: number,
    gc: number,
    srcX: number,
    srcY: number,
    dstX: number,
    dstY: number,
    width: number,
    height: number,
  ): void;
  CreateGC(
    id: number,
    drawable: number,
    values: { foreground?: number; background?: number; font?: number; graphicsExposures?: number },
  ): void;
  ChangeWindowAttributes(window: number, values: WindowAttributes): void;
  ConfigureWindow(window: number, values: { x?: number; y?: number; width?: number; height?: number }): void;
  CreatePixmap(id: number, drawable: number, depth: number, width: number, height: number): void;
  FreePixmap(id: number): void;
  ImageText8(drawable: number, gc: number, x: number, y: number, text: string): void;
  OpenFont(id: number, name: string): void;
  GetWindowAttributes(window: number, callback: Callback<{ mapState: number }>): void;
  PutImage(
    format: number,
    drawable: number,
    gc: number,
    width: number,
    height: number,
    dstX: number,
    dstY: number,
    leftPad: number,
    depth: number,
    data: Buffer,
  ): void;
}

interface WindowAttributes {
  readonly backgroundPixel?: number;
  readonly backgroundPixmap?: number;
  readonly eventMask?: number;
}

export interface PaintingShm extends Shm {
  PutImage(drawable: number, gc: number, image: ShmPutImage): void;
}

interface ShmPutImage {
  readonly totalWidth: number;
  readonly totalHeight: number;
  readonly srcX: number;
  readonly srcY: number;
  readonly srcWidth: number;
  readonly srcHeight: number;
  readonly dstX: number;
  readonly dstY: number;
  readonly depth: number;
  readonly format: number;
  readonly sendEvent: boolean;
  readonly shmseg: number;
  readonly offset: number;
}

export interface PaintingDisplay extends Display {
  readonly client: PaintingClient;
}

/** Connects to `display`, with the authority file named by XAUTHORITY. */
export function connectX11(display: string): Promise<PaintingDisplay> {
  return new Promise((resolve, reject) => {
    // Requests are sent together when a reply is wanted, so that a frame of several requests is one write.
    const client = createClient({ display, bufferRequests: true }, (error, connected) =>
      error ? reject(error) : resolve(connected as PaintingDisplay),
    );
    client.on('error', reject);
  });
}

/** Resolves with the reply to the request that `ask` makes. */
export function replyTo<T>(ask: (done: Callback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    ask((error, reply) => {
      if (error) reject(error);
      else resolve(reply);
      return true;
    });
  });
}

/** Resolves when the X server has carried out every earlier request. */
export async function roundTrip(client: XClient): Promise<void> {
  await replyTo((done) => client.GetInputFocus(done));
}
