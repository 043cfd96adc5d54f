import { createRequire } from 'node:module';

/** The few requests of the x11 package that a painter needs. */
export interface X11Client {
  AllocID(): number;
  CreateWindow(
    id: number,
    parent: number,
    x: number,
    y: number,
    width: number,
    height: number,
    borderWidth: number,
    depth: number,
    windowClass: number,
    visual: number,
    values: Record<string, number>,
  ): void;
  MapWindow(id: number): void;
  DestroyWindow(id: number): void;
  ClearArea(window: number, x: number, y: number, width: number, height: number, exposures: number): void;
  CreateGC(id: number, drawable: number, values: Record<string, number>): void;
  CreatePixmap(id: number, drawable: number, depth: number, width: number, height: number): void;
  FreePixmap(id: number): void;
  OpenFont(id: number, name: string): void;
  ImageText8(drawable: number, gc: number, x: number, y: number, text: string): void;
  GetImage(
    format: number,
    drawable: number,
    x: number,
    y: number,
    width: number,
    height: number,
    planeMask: number,
    done: (error: Error | null, image: { data: Buffer }) => void,
  ): void;
  GetInputFocus(done: (error: Error | null) => void): void;
  require(name: 'shm', done: (error: Error | null, extension: ShmExtension) => void): void;
  terminate(): void;
  on(event: 'error', listener: (error: Error) => void): void;
}

export interface ShmExtension {
  AttachFd(segment: number, fd: number, readOnly: boolean, done: (error: Error | null) => void): void;
  Detach(segment: number): void;
  PutImage(drawable: number, gc: number, image: ShmPutImage): void;
}

export interface ShmPutImage {
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

export interface X11Display {
  readonly client: X11Client;
  readonly screen: readonly {
    readonly root: number;
    readonly pixel_width: number;
    readonly pixel_height: number;
  }[];
}

interface X11Package {
  createClient(
    options: { display: string },
    connected: (error: Error | null, display: X11Display) => void,
  ): X11Client;
}

/** Connects to `display`, with the authority file that XAUTHORITY names. */
export function connectX11(display: string): Promise<X11Display> {
  const x11 = createRequire(import.meta.url)('x11') as X11Package;
  return new Promise((resolve, reject) => {
    const client = x11.createClient({ display }, (error, connected) =>
      error ? reject(error) : resolve(connected),
    );
    client.on('error', reject);
  });
}

/** Resolves when the server has carried out every request sent so far. */
export function roundTrip(client: X11Client): Promise<void> {
  return new Promise((resolve, reject) => {
    client.GetInputFocus((error) => (error ? reject(error) : resolve()));
  });
}
