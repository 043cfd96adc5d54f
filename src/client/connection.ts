import { ByteQueue } from '../protocol/byte-queue.ts';
import type { ClientMessage } from '../protocol/client-messages.ts';
import { type ClipboardContent, contentBytes, textContent } from '../protocol/clipboard-content.ts';
import { FENCE_REQUEST } from '../protocol/constants.ts';
import { type Dialect, dialectOf } from '../protocol/dialect.ts';
import { ClientHandshake, type ServerInit } from '../protocol/handshake.ts';
import type { Screen } from '../protocol/screens.ts';
import { type ServerMessage, ServerMessageReader } from '../protocol/server-message-reader.ts';
import { writeClientMessage } from '../protocol/write-client-message.ts';
import { ClipboardChannel } from './clipboard-channel.ts';
import { loadZstd } from './decoders/zstd.ts';
import { encodingsFor } from './encodings.ts';
import { HeldInput } from './held-input.ts';
import type { InputSink } from './input/input-sink.ts';
import { LinkMeter } from './link-meter.ts';
import { type Measured, numbersIn, type Totals } from './measured.ts';
import type { OpenedSocket } from './opening.ts';
import { LONG_BYTES, OutgoingPortions } from './outgoing-portions.ts';
import { type PictureSettings, videoSizeOf } from './picture-settings.ts';
import { UpdateReceiver, type ViewEvents } from './update-receiver.ts';
import type { DeskwireViewStats } from './view/element-types.ts';
import { Watchdog } from './watchdog.ts';

/** Longest time from opening the socket to the end of the handshake, in ms. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** WebSocket close code that the page sends: RFC 6455 section 7.4.1, "normal". */
const CLOSE_NORMAL = 1000;

/** Rights of this page's user, as the server reports them. */
export interface Rights {
  readonly read: boolean;
  readonly write: boolean;
  /** Whether the user may make the calls of an owner. */
  readonly owner: boolean;
}

export interface ConnectionEvents extends ViewEvents {
  onConnected(desktopName: string): void;
  /** Called when the connection begins, and whenever an owner changes the rights. */
  onRights(rights: Rights): void;
  /** The desktop has something new on its clipboard. */
  onClipboard(content: ClipboardContent): void;
  /** The server has not answered for some seconds, or does so again. */
  onStalled(isStalled: boolean): void;
  /** The server has a sentence for the user. */
  onNotice(text: string): void;
  /** What `measure` has measured. */
  onStats(stats: DeskwireViewStats): void;
  /** The server has answered `askStatistics`. */
  onMeasured(measured: Measured): void;
}

export interface ConnectionEnd {
  readonly serverReason: string;
  readonly localReason: string;
  /** The server has said that the page should not connect again by itself. */
  readonly isFinal: boolean;
  readonly wasConnected: boolean;
  /** Whether the browser could open the WebSocket at all. */
  readonly hasOpened: boolean;
}

/**
 * Bytes of one WebSocket message at most; RFB is a stream, which may be cut anywhere. The server holds a message until
 * it is whole, and takes large ones only from viewers that may write. A smaller value costs more messages.
 */
const PIECE_BYTES = 256 * 1024;

/** Payload of fences that ask how far a long message has come. One byte asks for the latency. */
const PORTION_QUESTION = new Uint8Array(2);

/** Time between two statistics, in ms. A smaller value costs the network more questions, and jumps more. */
const STATS_EVERY_MS = 1000;

/** One WebSocket connection, from the handshake to its end. */
export class Connection implements InputSink {
  readonly #socket: WebSocket;
  readonly #events: ConnectionEvents;
  #picture: PictureSettings;
  #hasZstd = false;
  /** Whether the server was told a size for video. */
  #hasVideoSize = false;
  /** Whether the server takes long messages in portions. */
  #takesPortions = false;
  readonly #dialect: Dialect;
  readonly #handshake: ClientHandshake;
  readonly #early = new ByteQueue();
  readonly #updates: UpdateReceiver;
  readonly #clipboard: ClipboardChannel;
  readonly #closed = Promise.withResolvers<ConnectionEnd>();
  readonly #handshakeTimer: ReturnType<typeof setTimeout>;
  readonly #portions: OutgoingPortions;
  /** Input and contents, behind a large text that is being deflated, or a content that has not been sent whole. */
  readonly #input = new HeldInput({
    isBlocked: () => this.#clipboard.isDeflating || this.#portions.isBusy,
    unblock: () =>
      this.#clipboard.isDeflating ? this.#clipboard.finishDeflating() : this.#portions.finish(),
  });
  #reader: ServerMessageReader | undefined;
  #watchdog: Watchdog | undefined;
  #meter: LinkMeter | undefined;
  readonly #totals = { bytes: 0, updates: 0, receivingMs: 0, drawingMs: 0 };
  #statsTimer: ReturnType<typeof setInterval> | undefined;
  #serverReason = '';
  #isFinal = false;
  #localReason = '';
  #hasOpened = false;
  #isOver = false;

  constructor(opened: OpenedSocket, picture: PictureSettings, events: ConnectionEvents) {
    this.#events = events;
    this.#picture = picture;
    this.#dialect = dialectOf(encodingsFor(picture, false));
    this.#updates = new UpdateReceiver({
      view: events,
      send: (message) => this.#send(message),
      onDrawn: (receivingMs, drawingMs) => this.#drawn(receivingMs, drawingMs),
      // Not before: to load and compile it takes time, for which the first picture would wait.
      onFirstPicture: () => this.#supportZstd(),
      onError: (error) => this.#fail(messageOf(error)),
    });
    this.#clipboard = new ClipboardChannel({
      send: (message) => this.#send(message),
      onContent: (content) => this.#isOver || events.onClipboard(content),
      onError: (error) => this.#fail(messageOf(error)),
      onSent: () => this.#input.goOn(),
    });
    this.#portions = new OutgoingPortions({
      send: (bytes) => this.#socket.send(bytes),
      ask: () => this.#send({ type: 'fence', flags: FENCE_REQUEST, payload: PORTION_QUESTION }),
      sent: () => this.#input.goOn(),
      nowMs: () => performance.now(),
    });
    document.addEventListener('visibilitychange', this.#onVisibility);
    this.#handshake = new ClientHandshake({ foreseesNone: opened.hasTicket });
    this.#socket = opened.socket;
    this.#socket.onmessage = (event) => this.#onBytes(new Uint8Array(event.data));
    this.#socket.onopen = () => {
      this.#hasOpened = true;
    };
    this.#socket.onclose = (event) => this.#onClose(event.reason);
    // Before any event that comes from now on.
    queueMicrotask(() => this.#catchUp(opened.events));
    this.#handshakeTimer = setTimeout(
      () => this.#fail('The server did not answer in time.'),
      HANDSHAKE_TIMEOUT_MS,
    );
  }

  /** Resolves once, when the connection has ended. */
  get closed(): Promise<ConnectionEnd> {
    return this.#closed.promise;
  }

  /** Ends the connection from this side, without a reason. */
  close(): void {
    this.#fail('');
  }

  setPicture(picture: PictureSettings): void {
    this.#picture = picture;
    this.#sendEncodings();
  }

  /** Measures the connection, and tells `onStats` once a second while the page is seen. */
  measure(): void {
    if (this.#meter || this.#isOver) return;
    this.#meter = new LinkMeter(performance.now());
    this.#statsTimer = setInterval(() => this.#tellStats(), STATS_EVERY_MS);
  }

  key(down: boolean, keysym: number, scancode: number): void {
    const keycode = this.#updates.knowsScancodes ? scancode : 0;
    this.#sendInput({ type: 'key', down, keysym, keycode });
  }

  pointer(buttonMask: number, x: number, y: number): void {
    this.#sendInput({ type: 'pointer', buttonMask, x, y, scrollX: 0, scrollY: 0 });
  }

  nudge(buttonMask: number, dx: number, dy: number): void {
    this.#sendInput({ type: 'relativeMouse', buttonMask, dx, dy, scrollX: 0, scrollY: 0 });
  }

  clipboard(content: ClipboardContent): void {
    this.#input.do(() => this.#clipboard.offer(content), contentBytes(content));
  }

  /**
   * Asks the server to resize the desktop. If the server grants it, it answers with a resize of the picture.
   * `scalePercent`: by how much programs are to enlarge everything; 0 leaves that as it is.
   */
  requestDesktopSize(width: number, height: number, scalePercent: number): void {
    const [first] = this.#updates.screens;
    // The server takes the flags of Deskwire's page as the scale.
    const screen: Screen = { id: first?.id ?? 0, x: 0, y: 0, width, height, flags: scalePercent };
    this.#send({ type: 'setDesktopSize', width, height, screens: [screen] });
  }

  /** Asks the server what it has measured of this connection. */
  askStatistics(): void {
    this.#send({ type: 'requestBottleneckStats' });
    this.#send({ type: 'networkStats' });
  }

  /** What this connection has received and shown so far. */
  get totals(): Totals {
    return { ...this.#totals };
  }

  #drawn(receivingMs: number, drawingMs: number): void {
    this.#meter?.drawn(drawingMs);
    this.#totals.updates++;
    this.#totals.receivingMs += receivingMs;
    this.#totals.drawingMs += drawingMs;
  }

  #onBytes(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#isOver) return;
    this.#totals.bytes += bytes.length;
    const receivedMs = performance.now();
    this.#watchdog?.heard();
    this.#meter?.received(bytes.length);
    try {
      const reader = this.#reader;
      if (reader) reader.push(bytes);
      else if (!this.#shakeHands(bytes)) return;
      this.#handleAll(receivedMs);
    } catch (error) {
      this.#fail(messageOf(error));
    }
  }

  /** Handles what came before this connection took the socket over. */
  #catchUp(events: readonly Event[]): void {
    for (const event of events) this.#socket.dispatchEvent(event);
  }

  /** Advances the handshake. Returns true once it is done; the reader then owns the bytes behind it. */
  #shakeHands(bytes: Uint8Array<ArrayBuffer>): boolean {
    this.#early.push(bytes);
    const { send, done, init } = this.#handshake.advance(this.#early);
    for (const part of send) this.#socket.send(part);
    if (!done || !init) return false;
    clearTimeout(this.#handshakeTimer);
    this.#reader = new ServerMessageReader({ format: init.format, queue: this.#early });
    this.#begin(init);
    return true;
  }

  #begin(init: ServerInit): void {
    this.#sendEncodings();
    this.#updates.begin(init);
    this.#events.onConnected(init.name);
  }

  /** Has the server send zstd from now on. Without the decoder, for whatever reason, the page is sent Tight. */
  #supportZstd(): void {
    loadZstd().then(
      (unzstd) => {
        this.#updates.supportZstd(unzstd);
        this.#hasZstd = true;
        this.#sendEncodings();
      },
      () => {},
    );
  }

  #sendEncodings(): void {
    this.#send({ type: 'setEncodings', encodings: encodingsFor(this.#picture, this.#hasZstd) });
    const size = videoSizeOf(this.#picture);
    // Servers other than ours may not know the message.
    if (size.width === 0 && !this.#hasVideoSize) return;
    this.#hasVideoSize = size.width > 0;
    this.#send({ type: 'setMaxVideoResolution', ...size });
  }

  #handleAll(receivedMs: number): void {
    const reader = this.#reader!;
    for (let message = reader.next(); message && !this.#isOver; message = reader.next()) {
      this.#handle(message, receivedMs);
    }
  }

  #handle(message: ServerMessage, receivedMs: number): void {
    switch (message.type) {
      case 'fence':
        this.#answerFence(message.flags, message.payload);
        break;
      case 'endOfContinuousUpdates':
        // The first one announces that the server supports continuous updates. Others answer that they are off.
        this.#updates.supportContinuousUpdates();
        break;
      case 'cutText':
        this.#events.onClipboard(textContent(message.text));
        break;
      case 'extendedClipboard':
        this.#clipboard.receive(message);
        break;
      case 'binaryClipboard':
        this.#clipboard.receiveItems(message);
        break;
      case 'notice':
        this.#events.onNotice(message.text);
        break;
      case 'bottleneckStats':
        this.#events.onMeasured({ kind: 'bottleneck', numbers: numbersIn(message.text) });
        break;
      case 'networkStats':
        this.#events.onMeasured({ kind: 'network', numbers: numbersIn(message.text) });
        break;
      case 'rights':
        // Only our own server sends it.
        this.#clipboard.supportItems();
        this.#takesPortions = true;
        this.#events.onRights(message);
        break;
      case 'disconnect':
        this.#serverReason = message.reason;
        this.#isFinal = message.graceful;
        break;
      default:
        this.#updates.handle(message, receivedMs);
    }
  }

  /** Answers a fence as it arrives, before the rects behind it are drawn, so that fences measure only the network. */
  #answerFence(flags: number, payload: Uint8Array<ArrayBuffer>): void {
    this.#watchdog ??= new Watchdog({
      ping: () => this.#send({ type: 'fence', flags: FENCE_REQUEST, payload: new Uint8Array(0) }),
      onStalled: (isStalled) => this.#events.onStalled(isStalled),
      onDead: () => this.#fail('The network went silent.'),
    });
    if ((flags & FENCE_REQUEST) === 0) {
      if (payload.length === PORTION_QUESTION.length) this.#portions.answered();
      else if (payload.length > 0) this.#meter?.answered(payload[0]!, performance.now());
      return;
    }
    this.#send({ type: 'fence', flags: (flags & ~FENCE_REQUEST) >>> 0, payload });
  }

  readonly #onVisibility = (): void => this.#updates.setHidden(document.hidden);

  #tellStats(): void {
    if (document.hidden || !this.#meter || !this.#reader) return;
    const nowMs = performance.now();
    this.#events.onStats(this.#meter.take(nowMs));
    // A server that has sent a fence answers fences, too.
    const question = this.#watchdog && this.#meter.ask(nowMs);
    if (question === undefined) return;
    this.#send({ type: 'fence', flags: FENCE_REQUEST, payload: Uint8Array.of(question) });
  }

  #sendInput(message: ClientMessage): void {
    this.#input.do(() => this.#send(message));
  }

  #send(message: ClientMessage): void {
    if (this.#isOver || !this.#reader || this.#socket.readyState !== WebSocket.OPEN) return;
    const bytes = writeClientMessage(message, this.#dialect);
    if (this.#takesPortions && bytes.length > LONG_BYTES) {
      this.#portions.begin(bytes);
      return;
    }
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      this.#socket.send(bytes.subarray(at, at + PIECE_BYTES));
    }
  }

  /** Ends the connection from this side. */
  #fail(reason: string): void {
    if (this.#isOver) return;
    this.#localReason = reason;
    // Closing the socket waits for the server, which may not answer: report the end now.
    this.#socket.close(CLOSE_NORMAL);
    this.#onClose('');
  }

  #onClose(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#handshakeTimer);
    clearInterval(this.#statsTimer);
    document.removeEventListener('visibilitychange', this.#onVisibility);
    this.#watchdog?.close();
    this.#updates.close();
    this.#input.close();
    this.#closed.resolve({
      serverReason: this.#serverReason || reason,
      localReason: this.#localReason,
      isFinal: this.#isFinal,
      wasConnected: this.#updates.hasDrawn,
      hasOpened: this.#hasOpened,
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
