import type { User } from '../../src/accounts/user.ts';
import { intersect, type Rect, type Size, wholeOf } from '../../src/pixels/rect.ts';
import { ByteQueue } from '../../src/protocol/byte-queue.ts';
import type { ClientMessage } from '../../src/protocol/client-messages.ts';
import * as wire from '../../src/protocol/constants.ts';
import { dialectOf } from '../../src/protocol/dialect.ts';
import { ClientHandshake } from '../../src/protocol/handshake.ts';
import { type PixelFormat, SERVER_PIXEL_FORMAT } from '../../src/protocol/pixel-format.ts';
import {
  type ServerMessage,
  ServerMessageReader,
  type ServerRect,
} from '../../src/protocol/server-message-reader.ts';
import { writeClientMessage } from '../../src/protocol/write-client-message.ts';
import type { Session } from '../../src/session/session.ts';
import { MemoryWire } from './memory-wire.ts';
import { RectPixels } from './rect-pixels.ts';
import { waitFor } from './wait-for.ts';

export const OWNER: User = { name: 'owner', read: true, write: true, owner: true };

/** Encodings of a viewer that wants no loss and supports every pseudo-encoding. */
export const LOSSLESS: readonly number[] = [
  wire.ENCODING_TIGHT,
  wire.PSEUDO_DESKTOP_SIZE,
  wire.PSEUDO_EXTENDED_DESKTOP_SIZE,
];
export const CONTINUOUS: readonly number[] = [...LOSSLESS, wire.PSEUDO_FENCE, wire.PSEUDO_CONTINUOUS_UPDATES];

/** Start of the payload of a fence that `roundTrip` sends. */
const MARKER = [0x6d, 0x61, 0x72, 0x6b] as const;
const isMarker = (payload: Uint8Array): boolean => MARKER.every((byte, i) => payload[i] === byte);

export interface MemoryViewerOptions {
  readonly user?: User;
  readonly encodings?: readonly number[];
  readonly format?: PixelFormat;
  readonly ip?: string;
  /** How it requests updates: one request after each update, continuous updates, or not at all. */
  readonly updates?: 'requested' | 'continuous' | 'none';
  /** Whether it answers the server's fences. */
  readonly answersFences?: boolean;
  /** Called after each update. */
  readonly updated?: (viewer: MemoryViewer) => void;
}

export interface ReceivedUpdate {
  readonly rects: readonly ServerRect[];
  readonly atMs: number;
}

type MessageOf<T extends ServerMessage['type']> = Extract<ServerMessage, { type: T }>;

/**
 * A viewer in the session's own process. It uses real RFB bytes in both directions, any pixel format, and decodes
 * every rect.
 */
export class MemoryViewer {
  readonly wire: MemoryWire;
  /** All messages outside updates, oldest first. */
  readonly messages: ServerMessage[] = [];
  readonly updates: ReceivedUpdate[] = [];
  /** The error found in what the server sent. */
  failure: unknown;
  answersFences: boolean;
  readonly #options: Required<MemoryViewerOptions>;
  readonly #handshake = new ClientHandshake();
  readonly #handshakeBytes = new ByteQueue();
  readonly #pixels: RectPixels;
  #encodings: readonly number[];
  #reader: ServerMessageReader | undefined;
  #size: Size = { width: 0, height: 0 };
  #screen = new Uint32Array(0);
  #update: ServerRect[] | undefined;
  #markers = 0;
  #answeredMarkers = 0;

  private constructor(session: Pick<Session, 'attach'>, options: MemoryViewerOptions) {
    this.#options = {
      user: OWNER,
      encodings: LOSSLESS,
      format: SERVER_PIXEL_FORMAT,
      ip: '127.0.0.1',
      updates: 'requested',
      answersFences: true,
      updated: () => undefined,
      ...options,
    };
    this.#encodings = this.#options.encodings;
    this.answersFences = this.#options.answersFences;
    this.#pixels = new RectPixels(this.#options.format);
    this.wire = new MemoryWire((bytes) => this.#take(bytes));
    session.attach(this.wire, this.#options.user, this.#options.ip);
  }

  /** Resolves after the handshake, when the viewer has sent all its settings. */
  static async connect(
    session: Pick<Session, 'attach'>,
    options: MemoryViewerOptions = {},
  ): Promise<MemoryViewer> {
    const viewer = new MemoryViewer(session, options);
    await viewer.until('the handshake', () => viewer.#reader !== undefined || viewer.wire.isOver);
    return viewer;
  }

  get format(): PixelFormat {
    return this.#options.format;
  }

  get size(): Size {
    return this.#size;
  }

  /** The screen as pixels of the viewer's format. */
  get screen(): Uint32Array {
    return this.#screen;
  }

  get isInsideUpdate(): boolean {
    return this.#update !== undefined;
  }

  get rects(): ServerRect[] {
    return this.updates.flatMap(({ rects }) => rects);
  }

  /** Returns the rects of one kind in all updates so far. */
  rectsOf(kind: ServerRect['body']['kind']): ServerRect[] {
    return this.rects.filter(({ body }) => body.kind === kind);
  }

  messagesOf<T extends ServerMessage['type']>(type: T): MessageOf<T>[] {
    return this.messages.filter((message): message is MessageOf<T> => message.type === type);
  }

  send(message: ClientMessage): void {
    if (message.type === 'setEncodings') this.#encodings = message.encodings;
    this.wire.write(writeClientMessage(message, dialectOf(this.#encodings)));
  }

  request(incremental = true): void {
    this.send({ type: 'updateRequest', incremental, x: 0, y: 0, ...this.#size });
  }

  continuous(on: boolean): void {
    this.send({ type: 'enableContinuousUpdates', on, x: 0, y: 0, ...this.#size });
  }

  pixelAt(x: number, y: number): number {
    return this.#screen[y * this.#size.width + x]!;
  }

  /** Waits until `probe` holds. Throws an error that this viewer found meanwhile. */
  async until(what: string, probe: () => unknown, limitMs = 15_000): Promise<void> {
    await waitFor(
      what,
      () => {
        if (this.failure) throw this.failure;
        return Boolean(probe());
      },
      limitMs,
    );
  }

  /**
   * Sends a fence and waits for its answer. After that, the session has handled everything that this viewer sent
   * before, and the viewer has received everything that it was sent before. The answer is not added to `messages`.
   */
  async roundTrip(): Promise<void> {
    const marker = ++this.#markers;
    const flags = wire.FENCE_REQUEST | wire.FENCE_BLOCK_BEFORE;
    const payload = Uint8Array.of(...MARKER, marker >> 8, marker & 0xff);
    this.send({ type: 'fence', flags, payload });
    await this.until('the answer to a fence', () => this.#answeredMarkers >= marker || this.wire.isOver);
  }

  async untilUpdates(count: number): Promise<void> {
    await this.until(`update ${count}`, () => this.updates.length >= count);
  }

  #take(bytes: Uint8Array): void {
    if (this.failure) return;
    try {
      if (this.#reader) this.#reader.push(bytes);
      else this.#shakeHands(bytes);
      for (let next = this.#reader?.next(); next; next = this.#reader?.next()) this.#handle(next);
    } catch (error) {
      this.failure = error;
    }
  }

  #shakeHands(bytes: Uint8Array): void {
    this.#handshakeBytes.push(bytes);
    const { send, init } = this.#handshake.advance(this.#handshakeBytes);
    for (const part of send) this.wire.write(part);
    if (!init) return;
    const { format, encodings, updates } = this.#options;
    this.#resize(init);
    this.#reader = new ServerMessageReader({ format, queue: this.#handshakeBytes });
    if (format !== SERVER_PIXEL_FORMAT) this.send({ type: 'setPixelFormat', format });
    this.send({ type: 'setEncodings', encodings: [...encodings] });
    if (updates === 'continuous') this.continuous(true);
    if (updates === 'requested') this.request(false);
  }

  #handle(message: ServerMessage): void {
    switch (message.type) {
      case 'updateStart':
        this.#update = [];
        return;
      case 'rect':
        this.#update!.push(message);
        this.#draw(message);
        return;
      case 'updateEnd':
        this.updates.push({ rects: this.#update!, atMs: performance.now() });
        this.#update = undefined;
        this.#options.updated(this);
        if (this.#options.updates === 'requested') this.request();
        return;
      case 'fence':
        if (isMarker(message.payload)) {
          this.#answeredMarkers++;
          return;
        }
        this.messages.push(message);
        if (this.answersFences && message.flags & wire.FENCE_REQUEST) {
          this.send({ type: 'fence', flags: message.flags & 0x7, payload: message.payload });
        }
        return;
      default:
        this.messages.push(message);
    }
  }

  #draw(rect: ServerRect): void {
    const { body } = rect;
    if (body.kind === 'desktopSize') this.#resize(rect);
    if (body.kind === 'extendedDesktopSize' && body.status === wire.RESIZE_OK) this.#resize(rect);
    const pixels =
      body.kind === 'copyRect'
        ? this.#get({ ...rect, x: body.srcX, y: body.srcY })
        : this.#pixels.decode(body, rect);
    if (pixels) this.#put(rect, pixels);
  }

  #get({ x, y, width, height }: Rect): Uint32Array {
    const pixels = new Uint32Array(width * height);
    for (let row = 0; row < height; row++) {
      const at = (y + row) * this.#size.width + x;
      pixels.set(this.#screen.subarray(at, at + width), row * width);
    }
    return pixels;
  }

  #put(rect: Rect, pixels: Uint32Array): void {
    const inside = intersect(rect, wholeOf(this.#size));
    if (inside?.width !== rect.width || inside.height !== rect.height) {
      throw new RangeError(`A rect of ${rect.width}x${rect.height} at ${rect.x},${rect.y} is outside.`);
    }
    for (let y = 0; y < rect.height; y++) {
      const row = pixels.subarray(y * rect.width, (y + 1) * rect.width);
      this.#screen.set(row, (rect.y + y) * this.#size.width + rect.x);
    }
  }

  /** Resizes the screen. The part common to both sizes is kept. */
  #resize({ width, height }: Size): void {
    if (width === this.#size.width && height === this.#size.height) return;
    const screen = new Uint32Array(width * height);
    const kept = Math.min(width, this.#size.width);
    for (let y = 0; y < Math.min(height, this.#size.height); y++) {
      const at = y * this.#size.width;
      screen.set(this.#screen.subarray(at, at + kept), y * width);
    }
    this.#screen = screen;
    this.#size = { width, height };
  }
}
