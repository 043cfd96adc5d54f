// Types of the part of npm's `x11` that we use, after its source. The package has none.
declare module 'x11' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  /** Takes an error or the reply. Returns true if it has handled the error. */
  export type Callback<T = void> = (error: XError | null | undefined, reply: T) => boolean | undefined;

  export interface XError extends Error {
    /** X error code, such as 8 for BadMatch. */
    error?: number;
    code?: string;
  }

  export interface XEvent {
    readonly type: number;
    readonly name?: string;
    readonly seq: number;
    readonly [field: string]: unknown;
  }

  export interface Screen {
    readonly root: number;
    readonly root_depth: number;
    readonly root_visual: number;
    readonly pixel_width: number;
    readonly pixel_height: number;
    readonly depths: Record<number, Record<number, Visual>>;
  }

  export interface Visual {
    readonly red_mask: number;
    readonly green_mask: number;
    readonly blue_mask: number;
  }

  export interface Display {
    readonly client: XClient;
    readonly screen: readonly Screen[];
    /** Ids of this client's resources are these bits, plus those of the mask. */
    readonly resource_base: number;
    /** 0: least significant byte first. */
    readonly image_byte_order: number;
    /** The bits of a resource id that differ within one connection. */
    readonly resource_mask: number;
    readonly format: Record<number, { readonly bits_per_pixel: number }>;
  }

  export interface Property {
    readonly type: number;
    readonly format: number;
    readonly bytesAfter: number;
    readonly data: Buffer;
  }

  export interface XRect {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  }

  export interface XClient extends EventEmitter {
    readonly display: Display;
    readonly stream: Socket | undefined;
    atoms: Record<string, number>;
    /** Number of requests sent so far. */
    seq_num: number;
    /** The bytes on their way to the server. `submit` says whether the last request has a reply. */
    readonly pack_stream: { put(request: Buffer): void; submit(hasReply?: boolean): void };
    /** Parsers and takers of replies, by the number of their request. */
    readonly replies: Record<
      number,
      [
        parse: (reply: Buffer, detail: number) => Buffer,
        done: Callback<Buffer>,
        isAnsweredOften?: boolean,
        replies?: Buffer[] | undefined,
      ]
    >;
    /** Called with the stream when it has connected. Begins to parse it. */
    init(stream: Socket): void;
    AllocID(): number;
    ReleaseID(id: number): void;
    terminate(): void;
    require(name: 'damage', callback: Callback<Damage>): void;
    require(name: 'fixes', callback: Callback<Fixes>): void;
    require(name: 'randr', callback: Callback<Randr>): void;
    require(name: 'render', callback: Callback<Render>): void;
    require(name: 'shm', callback: Callback<Shm>): void;
    require(name: 'xinerama', callback: Callback<Xinerama>): void;
    require(name: 'xkb', callback: Callback<XkbExtension>): void;
    require(name: 'xtest', callback: Callback<XTest>): void;

    ChangeKeyboardControl(values: { autoRepeatMode: number }): void;
    ChangeKeyboardMapping(first: number, width: number, keysyms: readonly number[]): void;
    ChangeProperty(
      mode: number,
      window: number,
      property: number,
      type: number,
      format: number,
      data: Buffer | readonly number[],
      callback?: Callback,
    ): void;
    ChangeWindowAttributes(
      window: number,
      values: { backgroundPixel?: number; backgroundPixmap?: number; cursor?: number; eventMask?: number },
      callback?: Callback,
    ): void;
    ClearArea(window: number, x: number, y: number, width: number, height: number, exposures: number): void;
    ConvertSelection(
      requestor: number,
      selection: number,
      target: number,
      property: number,
      time: number,
    ): void;
    CreateGC(id: number, drawable: number, values: { foreground?: number; graphicsExposures?: number }): void;
    ChangeGC(id: number, values: { foreground?: number }): void;
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
      values: { eventMask?: number; backgroundPixel?: number; cursor?: number; overrideRedirect?: number },
    ): void;
    CreatePixmap(id: number, drawable: number, depth: number, width: number, height: number): void;
    DeleteProperty(window: number, property: number): void;
    DestroyWindow(window: number): void;
    FreePixmap(id: number): void;
    GetGeometry(drawable: number, callback: Callback<{ width: number; height: number }>): void;
    GetImage(
      format: number,
      drawable: number,
      x: number,
      y: number,
      width: number,
      height: number,
      planeMask: number,
      callback: Callback<{ data: Buffer }>,
    ): void;
    GetKeyboardMapping(first: number, count: number, callback: Callback<number[][]>): void;
    GetKeyboardControl(callback: Callback<{ globalAutoRepeat: number }>): void;
    GetInputFocus(callback: Callback<{ focus: number }>): void;
    QueryKeymap(callback: Callback<Buffer>): void;
    GetProperty(
      remove: number,
      window: number,
      property: number,
      type: number,
      offset: number,
      length: number,
      callback: Callback<Property>,
    ): void;
    GetSelectionOwner(selection: number, callback: Callback<number>): void;
    GrabServer(): void;
    /** Sends the buffered requests. */
    flush(): void;
    InternAtom(onlyIfExists: boolean, name: string, callback: Callback<number>): void;
    MapWindow(window: number): void;
    PolyFillRectangle(drawable: number, gc: number, rects: readonly number[]): void;
    QueryExtension(name: string, callback: Callback<{ present: number; majorOpcode: number }>): void;
    QueryPointer(window: number, callback: Callback<{ child: number; rootX: number; rootY: number }>): void;
    QueryTree(window: number, callback: Callback<{ parent: number; children: number[] }>): void;
    SendEvent(
      window: number,
      propagate: number,
      mask: number,
      event: Record<string, unknown> | Buffer,
      callback?: Callback,
    ): void;
    SetInputFocus(window: number, revertTo: number): void;
    SetSelectionOwner(owner: number, selection: number, time: number): void;
    UngrabServer(): void;
  }

  interface Extension {
    readonly majorOpcode: number;
    readonly firstEvent: number;
  }

  export interface Damage extends Extension {
    Create(damage: number, drawable: number, level: number): void;
    Subtract(damage: number, repair: number, parts: number): void;
  }

  export interface Fixes extends Extension {
    CreateRegion(region: number, rects: readonly XRect[]): void;
    FetchRegion(region: number, callback: Callback<{ extends: XRect; rectangles: XRect[] }>): void;
    SelectCursorInput(window: number, mask: number): void;
    SelectSelectionInput(window: number, selection: number, mask: number): void;
    GetCursorImage(
      callback: Callback<{
        width: number;
        height: number;
        xhot: number;
        yhot: number;
        cursorSerial: number;
        cursorImage: Buffer;
      }>,
    ): void;
  }

  interface ModeTimings {
    readonly width: number;
    readonly height: number;
    readonly dot_clock: number;
    readonly h_sync_start: number;
    readonly h_sync_end: number;
    readonly h_total: number;
    readonly v_sync_start: number;
    readonly v_sync_end: number;
    readonly v_total: number;
  }

  export interface RandrMode extends ModeTimings {
    readonly id: number;
    readonly name: string;
  }

  export interface Randr extends Extension {
    GetScreenResourcesCurrent(
      window: number,
      callback: Callback<{
        crtcs: number[];
        outputs: number[];
        modeinfos: RandrMode[];
        config_timestamp: number;
      }>,
    ): void;
    GetScreenSizeRange(
      window: number,
      callback: Callback<{ minWidth: number; minHeight: number; maxWidth: number; maxHeight: number }>,
    ): void;
    GetOutputInfo(
      output: number,
      time: number,
      callback: Callback<{ crtc: number; connection: number; modes: number[] }>,
    ): void;
    CreateMode(
      window: number,
      mode: ModeTimings & { readonly name: string },
      callback: Callback<number>,
    ): void;
    AddOutputMode(output: number, mode: number): void;
    DeleteOutputMode(output: number, mode: number): void;
    DestroyMode(mode: number): void;
    GetCrtcInfo(crtc: number, time: number, callback: Callback<{ mode: number }>): void;
    SetCrtcConfig(
      crtc: number,
      time: number,
      configTime: number,
      x: number,
      y: number,
      mode: number,
      rotation: number,
      outputs: readonly number[],
      callback: Callback<{ status: number }>,
    ): void;
    SetScreenSize(window: number, width: number, height: number, mmWidth: number, mmHeight: number): void;
  }

  export interface Render extends Extension {
    /** Format of pictures of 24 bits. */
    readonly rgb24: number;
    /** Format of pictures of 24 bits and alpha. */
    readonly rgba32: number;
    CreatePicture(picture: number, drawable: number, format: number, values: Record<string, number>): void;
    /** `colour` is red, green, blue and alpha from 0 to 1, premultiplied. `rects` has four numbers for each. */
    FillRectangles(
      operator: number,
      picture: number,
      colour: readonly [number, number, number, number],
      rects: readonly number[],
    ): void;
    FreePicture(picture: number): void;
    /** `picture` is in `rgba32`; `x` and `y` are those of the hot spot. */
    CreateCursor(cursor: number, picture: number, x: number, y: number): void;
  }

  export interface Shm extends Extension {
    AttachFd(segment: number, fd: number, readOnly: boolean, callback: Callback): void;
    Detach(segment: number): void;
    GetImage(
      drawable: number,
      x: number,
      y: number,
      width: number,
      height: number,
      planeMask: number,
      format: number,
      segment: number,
      offset: number,
      callback: Callback<{ size: number }>,
    ): void;
  }

  export interface Xinerama extends Extension {
    QueryScreens(callback: Callback<readonly XRect[]>): void;
  }

  /** State of a keyboard: of its reply and its event. */
  export interface XkbState {
    readonly deviceID: number;
    readonly baseMods: number;
    readonly lockedMods: number;
    readonly group: number;
    readonly baseGroup: number;
    readonly latchedGroup: number;
    /** In events alone. */
    readonly keycode?: number;
    readonly eventType?: number;
  }

  export interface XkbExtension extends Extension {
    SelectEvents(
      device: number,
      which: number,
      clear: number,
      all: number,
      affectMap: number,
      map: number,
      details: { stateNotify: readonly [number, number] },
    ): void;
    GetState(device: number, callback: Callback<XkbState>): void;
    GetControls(
      device: number,
      callback: Callback<{ repeatDelay: number; repeatInterval: number; enabledControls: number }>,
    ): void;
    LatchLockState(
      device: number,
      affectLocks: number,
      locks: number,
      locksGroup: boolean,
      group: number,
      affectLatches: number,
      latches: number,
      latchesGroup: boolean,
      latchedGroup: number,
    ): void;
  }

  export interface XTest extends Extension {
    FakeInput(type: number, detail: number, time: number, window: number, x: number, y: number): void;
  }

  export interface ClientOptions {
    display: string;
    auth?: { name: string; data: string };
    bufferRequests?: boolean | { flushOnReply?: boolean };
  }

  export function createClient(
    options: ClientOptions,
    callback: (error: Error | undefined, display: Display) => void,
  ): XClient;
}

declare module 'x11/lib/stdatoms.js' {
  const atoms: Record<string, number>;
  export default atoms;
}

declare module 'x11/lib/auth.js' {
  /** `family` is IPv4 or IPv6; undefined for a local socket. */
  export default function findCookie(
    display: string,
    host: string,
    family: string | undefined,
    callback: (error: Error | null, found: { authName: string; authData: string }) => void,
  ): void;
}
