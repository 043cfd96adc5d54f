import { EventEmitter } from 'node:events';
import { loadZstd, type Unzstd } from '../../src/client/decoders/zstd.ts';
import type { Rect, Size } from '../../src/pixels/rect.ts';
import type { ClientMessage } from '../../src/protocol/client-messages.ts';
import * as wire from '../../src/protocol/constants.ts';
import { dialectOf } from '../../src/protocol/dialect.ts';
import { type PixelFormat, SERVER_PIXEL_FORMAT } from '../../src/protocol/pixel-format.ts';
import type { RectBody } from '../../src/protocol/rect-reader.ts';
import {
  type ServerMessage,
  ServerMessageReader,
  type ServerRect,
} from '../../src/protocol/server-message-reader.ts';
import { writeClientMessage } from '../../src/protocol/write-client-message.ts';
import { waitForEvent } from './event-wait.ts';
import { FormatPainter } from './format-painter.ts';
import type { Transport } from './transport.ts';
import { connectTcp } from './transport-tcp.ts';
import { connectWebSocket, type WebSocketTarget } from './transport-websocket.ts';
import { ViewerFramebuffer } from './viewer-framebuffer.ts';
import { type Shaken, shakeHands } from './viewer-handshake.ts';
import { ViewerPainter } from './viewer-painter.ts';

/** Encodings of an ordinary viewer, at quality level 5 and compression level 2, preferred ones first. */
export const STANDARD_ENCODINGS: readonly number[] = [
  wire.ENCODING_TIGHT,
  wire.ENCODING_COPY_RECT,
  wire.ENCODING_RAW,
  wire.PSEUDO_QUALITY_FIRST + 5,
  wire.PSEUDO_COMPRESSION_FIRST + 2,
  wire.PSEUDO_LAST_RECT,
  wire.PSEUDO_CURSOR,
  wire.PSEUDO_DESKTOP_SIZE,
  wire.PSEUDO_EXTENDED_DESKTOP_SIZE,
  wire.PSEUDO_FENCE,
  wire.PSEUDO_CONTINUOUS_UPDATES,
];

/** Those of a viewer that also supports Deskwire's zstd rects. Other servers ignore that number. */
export const ZSTD_ENCODINGS: readonly number[] = [wire.ENCODING_ZSTD, ...STANDARD_ENCODINGS];

export interface ViewerOptions {
  /** Default: STANDARD_ENCODINGS. */
  readonly encodings?: readonly number[];
  /**
   * How it requests updates: continuous updates as soon as the server announces them (and requests until then), one
   * request after each update, or not at all. Default: 'continuous'.
   */
  readonly updates?: 'continuous' | 'requested' | 'none';
  /** Whether pixels are decoded. A crowd of viewers on one machine only counts bytes. Default: true. */
  readonly decode?: boolean;
  /** Default: the server's own format. With another one, each 32-bit word of `framebuffer` holds a pixel of it. */
  readonly format?: PixelFormat;
}

/** An update that is complete and drawn. */
export interface UpdateInfo {
  /** RFB bytes received since the previous update. */
  readonly bytes: number;
  readonly rects: readonly (Rect & { readonly encoding: number; readonly kind: RectBody['kind'] })[];
  /** Times of performance.now(): arrival of its first byte, and drawing of its last rect. */
  readonly startMs: number;
  readonly endMs: number;
}

interface ViewerEvents {
  update: [UpdateInfo];
  /** Emitted for every message outside updates. */
  message: [ServerMessage];
  resize: [Size];
  /** Emitted for rects without pixels: cursors, names, key support. */
  pseudoRect: [ServerRect];
  /** Emitted when the server sent nonsense. The connection is ended. */
  failure: [Error];
  closed: [string];
}

const WAIT_LIMIT_MS = 15_000;

/** Start of the payload of a fence that `roundTrip` sends. */
const ROUND_TRIP: readonly number[] = [0x52, 0x54, 0x72, 0x70];

/** A viewer without a screen. It decodes everything as it arrives into `framebuffer`. */
export class Viewer extends EventEmitter<ViewerEvents> {
  readonly framebuffer = new ViewerFramebuffer();
  readonly #transport: Transport;
  readonly #options: Required<ViewerOptions>;
  readonly #painter: ViewerPainter | FormatPainter;
  readonly #reader: ServerMessageReader;
  readonly #dialect;
  #continuous = false;
  #roundTrips = 0;
  #bytes = 0;
  #update: { startMs: number; rects: (Rect & { encoding: number; kind: RectBody['kind'] })[] } | undefined;
  #lastArrivalMs = 0;
  #closedReason: string | undefined;
  /** The desktop's name, as the server sent it last. */
  name: string;

  private constructor(transport: Transport, options: ViewerOptions, { init, queue }: Shaken, unzstd: Unzstd) {
    super();
    this.#transport = transport;
    this.#options = {
      encodings: STANDARD_ENCODINGS,
      updates: 'continuous',
      decode: true,
      format: SERVER_PIXEL_FORMAT,
      ...options,
    };
    const { format } = this.#options;
    this.#painter =
      format === SERVER_PIXEL_FORMAT
        ? new ViewerPainter(this.framebuffer, unzstd)
        : new FormatPainter(this.framebuffer, format);
    this.#dialect = dialectOf(this.#options.encodings);
    this.name = init.name;
    this.framebuffer.resize({ width: init.width, height: init.height });
    this.#reader = new ServerMessageReader({ format, queue });
  }

  static async connectTcp(port: number, options: ViewerOptions = {}): Promise<Viewer> {
    return Viewer.#open(await connectTcp(port), options);
  }

  static async connectWebSocket(target: WebSocketTarget, options: ViewerOptions = {}): Promise<Viewer> {
    return Viewer.#open(await connectWebSocket(target), options);
  }

  /** Connects over a transport without listeners. */
  static connectOver(transport: Transport, options: ViewerOptions = {}): Promise<Viewer> {
    return Viewer.#open(transport, options);
  }

  static async #open(transport: Transport, options: ViewerOptions): Promise<Viewer> {
    const unzstd = await loadZstd();
    const viewer = new Viewer(transport, options, await shakeHands(transport), unzstd);
    transport.onData((bytes) => viewer.#take(bytes));
    transport.onClose((reason) => viewer.#end(reason));
    viewer.#start();
    return viewer;
  }

  get size(): Size {
    return this.framebuffer.size;
  }

  /** Reason why the connection ended. Undefined while it is open. */
  get closedReason(): string | undefined {
    return this.#closedReason;
  }

  send(message: ClientMessage): void {
    this.sendRaw(writeClientMessage(message, this.#dialect));
  }

  /** Sends any bytes, unchecked. */
  sendRaw(bytes: Uint8Array): void {
    this.#transport.send(bytes);
  }

  sendKey(keysym: number, down: boolean, keycode = 0): void {
    this.send({ type: 'key', keysym, down, keycode });
  }

  /** Presses and releases one key after another. */
  typeKeys(...keysyms: number[]): void {
    for (const keysym of keysyms) {
      this.sendKey(keysym, true);
      this.sendKey(keysym, false);
    }
  }

  sendPointer(x: number, y: number, buttonMask = 0): void {
    this.send({ type: 'pointer', x, y, buttonMask, scrollX: 0, scrollY: 0 });
  }

  requestUpdate(incremental: boolean): void {
    this.send({ type: 'updateRequest', incremental, x: 0, y: 0, ...this.size });
  }

  requestSize(size: Size): void {
    const screens = [{ id: 0, x: 0, y: 0, ...size, flags: 0 }];
    this.send({ type: 'setDesktopSize', ...size, screens });
  }

  /** Stops taking bytes, like a viewer on a stalled link. */
  pauseReading(): void {
    this.#transport.pause();
  }

  resumeReading(): void {
    this.#transport.resume();
  }

  /**
   * Resolves with the first update after which `isEnough` holds. It is also called once at once, with undefined.
   * Rejects after `limitMs`, or when the connection ends.
   */
  waitForUpdate(
    isEnough: (framebuffer: ViewerFramebuffer, update: UpdateInfo | undefined) => boolean,
    limitMs = WAIT_LIMIT_MS,
  ): Promise<UpdateInfo | undefined> {
    if (isEnough(this.framebuffer, undefined)) return Promise.resolve(undefined);
    return this.#waitFor('update', (update) => isEnough(this.framebuffer, update), limitMs);
  }

  /** Resolves with the next message of a type outside updates. */
  async waitForMessage<T extends ServerMessage['type']>(
    type: T,
    limitMs = WAIT_LIMIT_MS,
  ): Promise<Extract<ServerMessage, { type: T }>> {
    const message = await this.#waitFor('message', (candidate) => candidate.type === type, limitMs);
    return message as Extract<ServerMessage, { type: T }>;
  }

  /**
   * Sends a fence and waits for its answer. After that, the server has handled everything that this viewer sent before,
   * and the viewer has received everything that it was sent before.
   */
  async roundTrip(limitMs = WAIT_LIMIT_MS): Promise<void> {
    const payload = Uint8Array.of(...ROUND_TRIP, ++this.#roundTrips);
    const answer = this.#waitFor(
      'message',
      (message) => message.type === 'fence' && Buffer.compare(message.payload, payload) === 0,
      limitMs,
    );
    this.send({ type: 'fence', flags: wire.FENCE_REQUEST | wire.FENCE_BLOCK_BEFORE, payload });
    await answer;
  }

  /** Resolves with the reason when the connection has ended. */
  waitForClose(limitMs = WAIT_LIMIT_MS): Promise<string> {
    if (this.#closedReason !== undefined) return Promise.resolve(this.#closedReason);
    return this.#waitFor('closed', () => true, limitMs);
  }

  /** Ends with a closing handshake. Resolves when the connection has ended. */
  async close(): Promise<void> {
    if (this.#closedReason !== undefined) return;
    this.#transport.close();
    await this.waitForClose().catch(() => this.#transport.destroy());
  }

  /** Ends without a closing handshake. */
  destroy(): void {
    this.#transport.destroy();
  }

  #start(): void {
    this.send({ type: 'setPixelFormat', format: this.#options.format });
    this.send({ type: 'setEncodings', encodings: [...this.#options.encodings] });
    if (this.#options.updates !== 'none') this.requestUpdate(false);
    this.#take(new Uint8Array(0));
  }

  #take(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    this.#lastArrivalMs = performance.now();
    try {
      this.#reader.push(bytes);
      for (let message = this.#reader.next(); message; message = this.#reader.next()) this.#handle(message);
    } catch (error) {
      this.emit('failure', error as Error);
      this.#transport.destroy();
    }
  }

  #handle(message: ServerMessage): void {
    switch (message.type) {
      case 'updateStart':
        this.#update = { startMs: this.#lastArrivalMs, rects: [] };
        return;
      case 'rect':
        this.#handleRect(message);
        return;
      case 'updateEnd':
        this.#finishUpdate();
        return;
      case 'fence':
        this.#answerFence(message.flags, message.payload);
        break;
      case 'endOfContinuousUpdates':
        if (this.#options.updates === 'continuous') this.#enableContinuousUpdates();
        break;
    }
    this.emit('message', message);
  }

  #handleRect(rect: ServerRect): void {
    const { x, y, width, height, encoding, body } = rect;
    this.#update?.rects.push({ x, y, width, height, encoding, kind: body.kind });
    if (body.kind === 'desktopSize' || body.kind === 'extendedDesktopSize') this.#handleSize(rect);
    else if (body.kind === 'desktopName') this.name = body.name;
    const holdsPixels = this.#options.decode ? this.#painter.draw(rect, body) : encoding >= 0;
    if (!holdsPixels) this.emit('pseudoRect', rect);
  }

  #handleSize({ body, width, height }: ServerRect): void {
    if (body.kind === 'extendedDesktopSize' && body.status !== wire.RESIZE_OK) return;
    if (width === this.size.width && height === this.size.height) return;
    this.framebuffer.resize({ width, height });
    if (this.#continuous) this.#enableContinuousUpdates();
    this.emit('resize', this.size);
  }

  #finishUpdate(): void {
    const { startMs, rects } = this.#update!;
    const update = { bytes: this.#bytes, rects, startMs, endMs: performance.now() };
    this.#bytes = 0;
    this.#update = undefined;
    const asks = this.#options.updates !== 'none' && !this.#continuous;
    if (asks) this.requestUpdate(true);
    this.emit('update', update);
  }

  #answerFence(flags: number, payload: Uint8Array): void {
    if (!(flags & wire.FENCE_REQUEST)) return;
    const understood = wire.FENCE_BLOCK_BEFORE | wire.FENCE_BLOCK_AFTER | wire.FENCE_SYNC_NEXT;
    this.send({ type: 'fence', flags: flags & understood, payload });
  }

  #enableContinuousUpdates(): void {
    this.#continuous = true;
    this.send({ type: 'enableContinuousUpdates', on: true, x: 0, y: 0, ...this.size });
  }

  #end(reason: string): void {
    this.#closedReason = reason;
    this.emit('closed', reason);
  }

  #waitFor<E extends keyof ViewerEvents>(
    event: E,
    isIt: (value: ViewerEvents[E][0]) => boolean,
    limitMs: number,
  ): Promise<ViewerEvents[E][0]> {
    if (this.#closedReason !== undefined) {
      return Promise.reject(new Error(`Closed already: ${this.#closedReason}`));
    }
    return waitForEvent(this as unknown as EventEmitter, event, isIt, limitMs, [
      ['failure', (error) => error as Error],
      ['closed', (reason) => new Error(`Closed while waiting: ${reason}`)],
    ]);
  }
}
