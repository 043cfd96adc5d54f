import { createConnection, type Socket } from 'node:net';
import { DesktopError } from '../../errors.ts';
import { localDisplay } from './local-display.ts';
import { ERROR, kindOf, PacketInput, REPLY } from './packet-input.ts';
import {
  padded,
  parseSetup,
  readCookie,
  SETUP_HEADER_BYTES,
  type Setup,
  setupBytes,
  setupRequest,
} from './setup.ts';
import { watchSilence } from './silence-watch.ts';

/** Milliseconds that a server may take to accept a connection, as for an XConnection. */
const OPEN_LIMIT_MS = 10_000;

/** Bytes that are read at a time: the pixels of a small change, and the events around it. */
const READ_BYTES = 160 * 1024;

/** Bytes of requests that can be collected before a flush. A capture takes 60. */
const WRITE_BYTES = 4096;

const QUERY_EXTENSION = 98;

/** Sequence numbers have 16 bits on the wire. */
const SEQUENCE_MASK = 0xffff;

export interface LeanConnectionOptions {
  /** Such as ":7". */
  readonly display: string;
  /** MIT-MAGIC-COOKIE-1. Without it, XAUTHORITY or ~/.Xauthority is read. */
  readonly cookie?: Uint8Array | undefined;
}

/** An extension of the server. */
export interface Extension {
  readonly opcode: number;
  readonly firstEvent: number;
}

/** Calls about what arrives. */
export interface PacketListener {
  /** An event. `sequence` is the number of the last request that the server had carried out by then. */
  event(packet: Buffer, sequence: number): void;
  /** All that was read has been handled. */
  caughtUp(): void;
}

interface Pending {
  readonly sequence: number;
  readonly resolve: (reply: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A connection to an X server for the few requests that are made for each frame, at a fraction of the cost of an
 * XConnection. Requests are bytes, which the caller has packed beforehand. Replies and events are views of the memory
 * that they were read into: they are valid in the turn of the event loop in which they arrive.
 */
export class LeanConnection {
  readonly root: number;
  /** Resolves with the reason when the connection has ended, on either side. */
  readonly ended: Promise<DesktopError>;
  readonly #socket: Socket;
  readonly #input: PacketInput;
  readonly #setup: Setup;
  #out = Buffer.alloc(WRITE_BYTES);
  #outEnd = 0;
  #sequence = 0;
  #ids = 0;
  /** Requests that are answered by a reply, oldest first: X answers in order. */
  readonly #pending: Pending[] = [];
  #listener: PacketListener | undefined;
  #isOpen = true;
  #cause: Error | undefined;

  static async open({ display, cookie }: LeanConnectionOptions): Promise<LeanConnection> {
    const { number, socket: path } = localDisplay(display);
    const input = new PacketInput(READ_BYTES);
    let onRead = (): void => undefined;
    const onread = {
      buffer: () => input.room(),
      callback: (bytes: number) => {
        input.filled(bytes);
        onRead();
        return true;
      },
    };
    const socket = createConnection({ path, onread });
    const { promise, resolve, reject } = Promise.withResolvers<Setup>();
    const refuse = (cause: unknown): void =>
      reject(
        cause instanceof DesktopError ? cause : new DesktopError('DESKTOP_NO_DISPLAY', display, { cause }),
      );
    const limit = setTimeout(() => refuse(new Error('The X server does not answer.')), OPEN_LIMIT_MS);
    socket.on('error', refuse);
    socket.once('close', () => refuse(new Error('The X server closed the connection.')));
    socket.once('connect', () => {
      Promise.resolve(cookie ?? readCookie(number)).then(
        (found) => socket.write(setupRequest(found)),
        refuse,
      );
    });
    onRead = () => {
      const header = input.peek(SETUP_HEADER_BYTES);
      const answer = header && input.takeBytes(setupBytes(header));
      if (!answer) return;
      try {
        resolve(parseSetup(answer, display));
      } catch (error) {
        refuse(error);
      }
    };
    try {
      const connection = new LeanConnection(socket, input, await promise);
      onRead = () => connection.#handlePackets();
      return connection;
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      clearTimeout(limit);
    }
  }

  private constructor(socket: Socket, input: PacketInput, setup: Setup) {
    this.#socket = socket;
    this.#input = input;
    this.#setup = setup;
    this.root = setup.root;
    socket.on('error', (error) => {
      this.#cause = error;
    });
    const endWatch = watchSilence(
      () => this.#pending[0],
      () => {
        this.#cause = new Error('The X server does not answer.');
        socket.destroy();
      },
    );
    this.ended = new Promise((resolve) => {
      socket.once('close', () => {
        this.#isOpen = false;
        endWatch();
        const error = new DesktopError('DESKTOP_LOST', undefined, { cause: this.#cause });
        for (const { reject } of this.#pending.splice(0)) reject(error);
        resolve(error);
      });
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  listen(listener: PacketListener): void {
    this.#listener = listener;
  }

  /** Returns an unused resource id. */
  allocId(): number {
    // The mask is a run of bits; its lowest one is the step from id to id.
    const { resourceBase, resourceMask } = this.#setup;
    const step = resourceMask & -resourceMask;
    return (resourceBase | (this.#ids++ * step)) >>> 0;
  }

  /** Rejects with the name of an extension that the server does not have. */
  async extension(name: string): Promise<Extension> {
    const request = Buffer.concat([Buffer.alloc(8), padded(Buffer.from(name))]);
    request[0] = QUERY_EXTENSION;
    request.writeUInt16LE(request.length / 4, 2);
    request.writeUInt16LE(name.length, 4);
    const answer = this.ask(request);
    this.flush();
    const reply = await answer;
    if (!reply[8]) throw new DesktopError('DESKTOP_NO_EXTENSION', name);
    return { opcode: reply[9]!, firstEvent: reply[10]! };
  }

  /** Adds a request. Returns its sequence number. */
  send(request: Uint8Array): number {
    if (this.#outEnd + request.length > this.#out.length) this.flush();
    this.#out.set(request, this.#outEnd);
    this.#outEnd += request.length;
    this.#sequence = (this.#sequence + 1) & SEQUENCE_MASK;
    return this.#sequence;
  }

  /**
   * Adds a request that is answered by a reply. Rejects with `DESKTOP_X_ERROR` if the server refuses it. Errors of
   * requests without a reply are ignored: such a request lost a race, such as with a resize.
   */
  ask(request: Uint8Array): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (!this.#isOpen) throw new DesktopError('DESKTOP_LOST');
      this.#pending.push({ sequence: this.send(request), resolve, reject });
    });
  }

  /** Passes all requests to the server. */
  flush(): void {
    if (this.#outEnd === 0 || !this.#isOpen) return;
    this.#socket.write(this.#out.subarray(0, this.#outEnd));
    this.#outEnd = 0;
    // The server does not read, and the socket keeps the bytes until it does.
    if (this.#socket.writableLength > 0) this.#out = Buffer.alloc(WRITE_BYTES);
  }

  close(): void {
    this.#socket.destroy();
  }

  #handlePackets(): void {
    try {
      for (let packet = this.#input.take(); packet; packet = this.#input.take()) this.#handle(packet);
      this.#listener?.caughtUp();
    } catch (error) {
      // A program of the desktop can take the place of its X server, and send anything.
      this.#socket.destroy(error as Error);
    }
  }

  #handle(packet: Buffer): void {
    const kind = kindOf(packet);
    const sequence = packet.readUInt16LE(2);
    if (kind !== ERROR && kind !== REPLY) {
      this.#listener?.event(packet, sequence);
      return;
    }
    if (this.#pending[0]?.sequence !== sequence) return;
    const { resolve, reject } = this.#pending.shift()!;
    if (kind === REPLY) resolve(packet);
    else reject(new DesktopError('DESKTOP_X_ERROR', `error ${packet[1]} of request ${packet[10]}`));
  }
}
