import { EventEmitter } from 'node:events';
import { loadZstd, type Unzstd } from '../../src/client/decoders/zstd.ts';
import type { Size } from '../../src/pixels/rect.ts';
import type { ClientMessage } from '../../src/protocol/client-messages.ts';
import * as wire from '../../src/protocol/constants.ts';
import {
  type ServerMessage,
  ServerMessageReader,
  type ServerRect,
} from '../../src/protocol/server-message-reader.ts';
import { writeClientMessage } from '../../src/protocol/write-client-message.ts';
import { waitForEvent } from './event-wait.ts';
import { KASM_PRESETS, type KasmPageSettings, kasmPageEncodings } from './kasm-page-settings.ts';
import type { Transport } from './transport.ts';
import { connectWebSocket, type WebSocketTarget } from './transport-websocket.ts';
import { ViewerFramebuffer } from './viewer-framebuffer.ts';
import { type Shaken, shakeHands } from './viewer-handshake.ts';
import { ViewerPainter } from './viewer-painter.ts';

interface KasmPageEvents {
  /** Bytes have been read. */
  read: [];
  failure: [Error];
  closed: [string];
}

/** Updates that the page keeps until they can be shown. */
const QUEUE_UPDATES = 3;

/** Messages after which the page reads nothing more until the next WebSocket message comes. */
const STOPS_READING: readonly ServerMessage['type'][] = ['videoCodecs'];

/** Messages in which the page loses its place if they come in two WebSocket messages. */
const COME_WHOLE: readonly ServerMessage['type'][] = [
  'bottleneckStats',
  'disconnect',
  'userJoined',
  'userLeft',
  'videoCodecs',
];

const WAIT_LIMIT_MS = 15_000;

interface Update {
  readonly rects: ServerRect[];
  /** Rects with pixels, and LastRect. */
  counted: number;
  isComplete: boolean;
}

/**
 * A viewer that has the habits of KasmVNC's page, as far as a server can notice them:
 *
 * - It reads nothing behind certain messages until the next WebSocket message comes.
 * - It shows an update only if that has more than one rect, LastRect counted. Another update stays in its queue, and so
 *   do all later ones, until the queue is full.
 * - It answers a fence when it has read everything before it.
 * - It asks for relays while it connects, and for video codecs before it lists its encodings.
 */
export class KasmPage extends EventEmitter<KasmPageEvents> {
  /** What the page's user sees. */
  readonly shown = new ViewerFramebuffer();
  /** All messages outside updates that it has read, oldest first. */
  readonly messages: ServerMessage[] = [];
  /** All rects that it has read. */
  readonly rects: ServerRect[] = [];
  /** Times of performance.now() at which it has read the end of an update with pixels. */
  readonly updatedAtMs: number[] = [];
  readonly #transport: Transport;
  readonly #reader: ServerMessageReader;
  readonly #painter: ViewerPainter;
  readonly #waiting: Update[] = [];
  #frame: Uint8Array = new Uint8Array(0);
  #update: Update | undefined;
  #hasContinuousUpdates = false;
  #size: Size;
  #closedReason: string | undefined;

  private constructor(transport: Transport, { init, queue }: Shaken, unzstd: Unzstd) {
    super();
    this.#transport = transport;
    this.#painter = new ViewerPainter(this.shown, unzstd);
    this.#size = { width: init.width, height: init.height };
    this.shown.resize(this.#size);
    this.#reader = new ServerMessageReader({ format: init.format, queue });
  }

  /** Connects as the page does, with its preset "medium" by default. */
  static async connect(
    target: WebSocketTarget,
    settings: KasmPageSettings = KASM_PRESETS.medium,
  ): Promise<KasmPage> {
    const unzstd = await loadZstd();
    const transport = await connectWebSocket(target);
    const page = new KasmPage(transport, await shakeHands(transport), unzstd);
    transport.onData((bytes) => page.#take(bytes));
    transport.onClose((reason) => page.#end(reason));
    page.send({ type: 'videoCodecs', codecs: [wire.PSEUDO_STREAMING_JPEG_WEBP] });
    page.choose(settings);
    page.send({ type: 'updateRequest', incremental: false, x: 0, y: 0, ...page.#size });
    page.send({ type: 'subscribeRelay', name: 'printer' });
    page.send({ type: 'subscribeRelay', name: 'smartcard' });
    return page;
  }

  get size(): Size {
    return this.#size;
  }

  /** Reason why the connection ended. Undefined while it is open. */
  get closedReason(): string | undefined {
    return this.#closedReason;
  }

  /** Whether the page connects again by itself, if its user wants that. */
  get wouldReconnect(): boolean {
    return !this.messagesOf('disconnect').some(({ graceful }) => graceful);
  }

  messagesOf<T extends ServerMessage['type']>(type: T): Extract<ServerMessage, { readonly type: T }>[] {
    return this.messages.filter(
      (message): message is Extract<ServerMessage, { readonly type: T }> => message.type === type,
    );
  }

  send(message: ClientMessage): void {
    this.#transport.send(writeClientMessage(message, 'kasm'));
  }

  /** Chooses other settings. */
  choose(settings: KasmPageSettings): void {
    this.send({ type: 'setEncodings', encodings: kasmPageEncodings(settings) });
  }

  /** Asks for another size of the desktop. */
  resize({ width, height }: Size): void {
    this.send({
      type: 'setDesktopSize',
      width,
      height,
      screens: [{ id: 0, x: 0, y: 0, width, height, flags: 0 }],
    });
  }

  key(keysym: number): void {
    for (const down of [true, false]) this.send({ type: 'key', keysym, down, keycode: 0 });
  }

  pointer(x: number, y: number, buttonMask = 0, scrollY = 0): void {
    this.send({ type: 'pointer', x, y, buttonMask, scrollX: 0, scrollY });
  }

  /** Resolves as soon as `isSo` holds, which is asked whenever bytes have been read. */
  async until(what: string, isSo: () => boolean, limitMs = WAIT_LIMIT_MS): Promise<void> {
    if (isSo()) return;
    await waitForEvent(this as unknown as EventEmitter, 'read', isSo, limitMs, [
      ['failure', (error) => error as Error],
      ['closed', (reason) => new Error(`Closed before ${what}: ${reason}`)],
    ]);
  }

  /** Resolves with the reason when the connection has ended. */
  async waitForClose(limitMs = WAIT_LIMIT_MS): Promise<string> {
    return (
      this.#closedReason ?? waitForEvent(this as unknown as EventEmitter, 'closed', () => true, limitMs, [])
    );
  }

  async close(): Promise<void> {
    if (this.#closedReason !== undefined) return;
    this.#transport.close();
    await this.waitForClose().catch(() => this.#transport.destroy());
  }

  #take(frame: Uint8Array): void {
    this.#frame = frame;
    try {
      this.#reader.push(frame);
      for (let message = this.#reader.next(); message; message = this.#reader.next()) {
        this.#handle(message);
        if (STOPS_READING.includes(message.type)) break;
      }
    } catch (error) {
      this.emit('failure', error as Error);
      this.#transport.destroy();
    }
    this.emit('read');
  }

  #handle(message: ServerMessage): void {
    switch (message.type) {
      case 'updateStart':
        // A full queue is made to show its oldest update.
        if (this.#waiting.length === QUEUE_UPDATES) this.#show();
        this.#update = {
          rects: [],
          counted: message.rects === wire.RECTS_UNTIL_LAST ? 1 : 0,
          isComplete: false,
        };
        return;
      case 'rect':
        this.#readRect(message);
        return;
      case 'updateEnd':
        this.#endUpdate();
        return;
      case 'fence':
        this.#answerFence(message.flags, message.payload);
        break;
      case 'endOfContinuousUpdates':
        this.#hasContinuousUpdates = true;
        this.#continueUpdates();
        break;
    }
    if (COME_WHOLE.includes(message.type)) this.#checkWhole(message);
    this.messages.push(message);
  }

  /** Such a message has to have its WebSocket message to itself, which begins with its type, 178 or more. */
  #checkWhole({ type }: ServerMessage): void {
    const textAt = type === 'userJoined' || type === 'userLeft' ? 1 : type === 'disconnect' ? 5 : 4;
    const view = new DataView(this.#frame.buffer, this.#frame.byteOffset, this.#frame.length);
    const isWhole =
      this.#frame[0]! >= wire.SERVER_BOTTLENECK_STATS &&
      (type === 'videoCodecs'
        ? this.#frame.length === 15
        : view.getUint32(textAt) === view.byteLength - textAt - 4);
    if (!isWhole) throw new Error(`The page loses its place in a ${type} that shares its WebSocket message.`);
  }

  #readRect(rect: ServerRect): void {
    this.rects.push(rect);
    const { body, width, height } = rect;
    if (body.kind === 'extendedDesktopSize' || body.kind === 'desktopSize') {
      const isRefusal = body.kind === 'extendedDesktopSize' && body.status !== wire.RESIZE_OK;
      if (!isRefusal) this.#resize({ width, height });
    } else if (rect.encoding >= 0 && rect.encoding < wire.PSEUDO_VMWARE_CURSOR) {
      this.#update!.rects.push(rect);
      this.#update!.counted++;
    }
  }

  #endUpdate(): void {
    const update = this.#update!;
    this.#update = undefined;
    if (!this.#hasContinuousUpdates)
      this.send({ type: 'updateRequest', incremental: true, x: 0, y: 0, ...this.#size });
    if (update.rects.length === 0) return;
    this.updatedAtMs.push(performance.now());
    update.isComplete = update.counted > 1;
    this.#waiting.push(update);
    while (this.#waiting[0]?.isComplete) this.#show();
  }

  /** Shows the oldest update. */
  #show(): void {
    for (const rect of this.#waiting.shift()!.rects) this.#painter.draw(rect, rect.body);
  }

  #resize(size: Size): void {
    this.#size = size;
    this.#waiting.length = 0;
    this.shown.resize(size);
    this.#continueUpdates();
  }

  #continueUpdates(): void {
    if (!this.#hasContinuousUpdates) return;
    this.send({ type: 'enableContinuousUpdates', on: true, x: 0, y: 0, ...this.#size });
  }

  #answerFence(flags: number, payload: Uint8Array): void {
    if (!(flags & wire.FENCE_REQUEST)) throw new Error('The page does not expect an answer to a fence.');
    const understood = wire.FENCE_BLOCK_BEFORE | wire.FENCE_BLOCK_AFTER;
    this.send({ type: 'fence', flags: flags & understood, payload });
  }

  #end(reason: string): void {
    this.#closedReason = reason;
    this.emit('closed', reason);
  }
}
