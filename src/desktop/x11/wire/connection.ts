import { setTimeout as delay } from 'node:timers/promises';
import {
  type Callback,
  createClient,
  type Display,
  type Screen,
  type XClient,
  type XError,
  type XEvent,
} from 'x11';
import standardAtoms from 'x11/lib/stdatoms.js';
import { DesktopError } from '../../errors.ts';
import { localDisplay } from './local-display.ts';
import { pacedInput } from './paced-input.ts';
import { MOST_PACKET_BYTES } from './packet-input.ts';
import { PacketLimit } from './packet-limit.ts';
import { watchSilence } from './silence-watch.ts';

/**
 * X's predefined atoms. The package keeps one table of atoms for all connections of a thread and adds every server's
 * own numbers to it, so that a second server would be asked for the first one's atoms. Each connection gets a copy of
 * the predefined ones instead, which is taken here before any connection exists.
 */
const STANDARD_ATOMS = { ...standardAtoms };

/**
 * Milliseconds that a server may take to accept a connection. A server that another client has grabbed, or that hangs,
 * does not answer: a larger value makes each attempt to reach it last longer, a smaller one fails on a busy machine.
 */
const OPEN_LIMIT_MS = 10_000;

/** Milliseconds that a server may take to close a connection that we have ended. Then we cut the socket. */
const CLOSE_LIMIT_MS = 500;

export interface XConnectionOptions {
  /** Such as ":7". */
  readonly display: string;
  /** MIT-MAGIC-COOKIE-1. Without it the package reads XAUTHORITY or ~/.Xauthority. */
  readonly cookie?: Uint8Array | undefined;
  /** Collects requests until they are flushed or the event loop turns: fewer system calls, and no added wait. */
  readonly buffered?: boolean;
  /** For how long to wait for the server; OPEN_LIMIT_MS if left out. */
  readonly limitMs?: number;
  /** Bytes of the longest reply that is asked for; MOST_PACKET_BYTES if left out. */
  readonly mostPacketBytes?: number;
}

/**
 * A connection to an X server. Every request is answered, refused by the server, or rejected when the connection ends.
 * The connection ends when the server stops answering, and when it sends what cannot be understood: a program of the
 * desktop can take the place of its server.
 */
export class XConnection {
  readonly client: XClient;
  readonly screen: Screen;
  readonly root: number;
  /** The bits of a resource id that differ within one program's connection. */
  readonly idMask: number;
  /** Resolves with the reason when the connection has ended, on either side. */
  readonly ended: Promise<DesktopError>;
  /** Requests without an answer, oldest first: X answers in order. */
  readonly #pending = new Set<(error: DesktopError) => void>();
  readonly #listeners: ((event: XEvent) => void)[] = [];
  #isOpen = true;
  #cause: Error | undefined;

  static async open(options: XConnectionOptions): Promise<XConnection> {
    const { display, cookie, buffered = false, limitMs = OPEN_LIMIT_MS, mostPacketBytes } = options;
    // Without its socket the package would try TCP.
    localDisplay(display);
    const auth = cookie && { name: 'MIT-MAGIC-COOKIE-1', data: Buffer.from(cookie).toString('latin1') };
    return new Promise((resolve, reject) => {
      let client: XClient | undefined;
      const refuse = (cause: unknown): void => {
        clearTimeout(limit);
        client?.stream?.destroy();
        reject(new DesktopError('DESKTOP_NO_DISPLAY', display, { cause }));
      };
      const limit = setTimeout(() => refuse(new Error('The X server does not answer.')), limitMs);
      const accept = (ready: Display): void => {
        clearTimeout(limit);
        const connection = new XConnection(ready);
        // From here on an error may be a refused request, which the connection survives.
        ready.client.off('error', refuse);
        resolve(connection);
      };
      try {
        client = createClient(
          { display, bufferRequests: buffered && { flushOnReply: false }, ...(auth && { auth }) },
          (error, ready) => (error ? refuse(error) : accept(ready)),
        );
        client.on('error', refuse);
        guardInput(client, new PacketLimit(mostPacketBytes ?? MOST_PACKET_BYTES));
      } catch (error) {
        refuse(error);
      }
    });
  }

  constructor(display: Display) {
    this.client = display.client;
    this.screen = display.screen[0]!;
    this.root = this.screen.root;
    this.idMask = display.resource_mask;
    this.client.atoms = Object.assign(Object.create(null), STANDARD_ATOMS);
    const stream = this.client.stream!;
    // A refused request whose answer nothing waits for comes here too. It lost a race, such as with a window that
    // has just been closed, and is no reason to fail.
    this.client.on('error', (error: XError) => {
      if (error.error === undefined) this.#cause = error;
    });
    this.client.on('event', (event: XEvent) => {
      for (const listener of this.#listeners) {
        try {
          listener(event);
        } catch (error) {
          stream.destroy(error as Error);
        }
      }
    });
    const endWatch = watchSilence(
      () => this.#pending.values().next().value,
      () => {
        this.#cause = new Error('The X server does not answer.');
        stream.destroy();
      },
    );
    this.ended = new Promise((resolve) => {
      stream.once('close', () => {
        this.#isOpen = false;
        endWatch();
        const error = new DesktopError('DESKTOP_LOST', undefined, { cause: this.#cause });
        for (const reject of this.#pending) reject(error);
        this.#pending.clear();
        resolve(error);
      });
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether the X server reads so slowly that requests pile up in this process. */
  get isBackedUp(): boolean {
    return this.client.stream?.writableNeedDrain ?? false;
  }

  /** Calls `listener` whenever the connection is backed up no longer. */
  onDrain(listener: () => void): void {
    this.client.on('drain', listener);
  }

  onEvent(listener: (event: XEvent) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Sends one request and waits for its reply. A request without a reply resolves when the server has carried it out.
   */
  request<T = void>(send: (client: XClient, done: Callback<T>) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.#isOpen) throw new DesktopError('DESKTOP_LOST');
      this.#pending.add(reject);
      send(this.client, (error, reply) => {
        this.#pending.delete(reject);
        if (error) reject(new DesktopError('DESKTOP_X_ERROR', error.message, { cause: error }));
        else resolve(reply);
        return true;
      });
    });
  }

  /** Waits until the server has carried out all requests sent so far. */
  async sync(): Promise<void> {
    await this.request<{ focus: number }>((client, done) => client.GetInputFocus(done));
  }

  atom(name: string): Promise<number> {
    return this.request<number>((client, done) => client.InternAtom(false, name, done));
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.client.terminate();
    const cut = new AbortController();
    const late = delay(CLOSE_LIMIT_MS, undefined, { signal: cut.signal }).then(
      () => this.client.stream?.destroy(),
      () => undefined,
    );
    await this.ended;
    cut.abort();
    await late;
  }
}

/**
 * Ends a connection whose input the package cannot parse, or has a packet that is too long. The package throws errors of
 * its parser into the event loop, which would end the process. Floods of events are handled in turns.
 */
function guardInput(client: XClient, limit: PacketLimit): void {
  const init = client.init;
  client.init = (stream) => {
    init.call(client, stream);
    const parsers = stream.listeners('data') as ((bytes: Buffer) => void)[];
    stream.removeAllListeners('data');
    const handle = (bytes: Buffer): void => {
      try {
        limit.read(bytes);
        for (const parse of parsers) parse(bytes);
      } catch (error) {
        stream.destroy(error as Error);
      }
    };
    stream.on('data', pacedInput(stream, handle));
  };
}

/** Loads an extension, or rejects with its name if the server has none. */
export async function extension<T>(name: string, load: (done: Callback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    load((error, found) => {
      if (error) reject(new DesktopError('DESKTOP_NO_EXTENSION', name, { cause: error }));
      else resolve(found);
      return true;
    });
  });
}

const INT16_MAX = 32767;

/**
 * Clamps a number to the wire's INT16. The package throws for a larger one after it has counted the request, and
 * then matches no reply to its request any more.
 */
export const int16 = (value: number): number =>
  Number.isFinite(value) ? Math.max(-INT16_MAX, Math.min(INT16_MAX, Math.round(value))) : 0;
