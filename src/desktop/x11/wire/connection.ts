import { existsSync } from 'node:fs';
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

/**
 * The package keeps one table of atoms for all connections of a thread and adds every server's own numbers to
 * it, so a second server would be asked about the first one's atoms. Each connection gets a copy of the
 * standard ones instead, taken here before any connection exists.
 */
const STANDARD_ATOMS = { ...standardAtoms };

/** How long a server may take to close a connection that we have ended, before we cut it. */
const CLOSE_TIMEOUT_MS = 500;

export interface XConnectionOptions {
  /** Such as ":7". */
  readonly display: string;
  /** MIT-MAGIC-COOKIE-1; without it XAUTHORITY or ~/.Xauthority is asked. */
  readonly cookie?: Uint8Array | undefined;
  /** Collects requests until they are flushed or the event loop turns: fewer system calls, no added wait. */
  readonly buffered?: boolean;
}

/**
 * A connection to an X server that keeps its promises: a request is answered, refused by the server, or
 * rejected when the connection ends; nothing a listener throws stops what comes after it.
 */
export class XConnection {
  readonly client: XClient;
  readonly screen: Screen;
  readonly root: number;
  /** Resolves with the reason once the connection has ended, whoever ended it. */
  readonly ended: Promise<DesktopError>;
  readonly #pending = new Set<(error: DesktopError) => void>();
  readonly #listeners: ((event: XEvent) => void)[] = [];
  #isOpen = true;

  static async open({ display, cookie, buffered = false }: XConnectionOptions): Promise<XConnection> {
    // Without its socket the package would try TCP, where somebody else may listen.
    const local = /^:(\d+)/.exec(display);
    if (local && !existsSync(`/tmp/.X11-unix/X${local[1]}`))
      throw new DesktopError('DESKTOP_NO_DISPLAY', display);
    const auth = cookie && { name: 'MIT-MAGIC-COOKIE-1', data: Buffer.from(cookie).toString('latin1') };
    return new Promise((resolve, reject) => {
      const refuse = (cause: unknown): void => {
        client?.stream?.destroy();
        reject(new DesktopError('DESKTOP_NO_DISPLAY', display, { cause }));
      };
      let client: XClient | undefined;
      try {
        client = createClient(
          { display, bufferRequests: buffered && { flushOnReply: false }, ...(auth && { auth }) },
          (error, ready) => (error ? refuse(error) : resolve(new XConnection(ready))),
        );
        client.on('error', refuse);
      } catch (error) {
        refuse(error);
      }
    });
  }

  constructor(display: Display) {
    this.client = display.client;
    this.screen = display.screen[0]!;
    this.root = this.screen.root;
    this.client.atoms = Object.assign(Object.create(null), STANDARD_ATOMS);
    const stream = this.client.stream!;
    let cause: Error | undefined;
    // Refused requests that nobody waits for come here too: they are the server's word on a race, such as a
    // window that has just gone, and no reason to fail.
    this.client.on('error', (error: XError) => {
      if (error.error === undefined) cause = error;
    });
    this.client.on('event', (event: XEvent) => {
      for (const listener of this.#listeners) {
        // A throw in here would hold up the replies that were received together with this event.
        try {
          listener(event);
        } catch (error) {
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    });
    this.ended = new Promise((resolve) => {
      stream.once('close', () => {
        this.#isOpen = false;
        const error = new DesktopError('DESKTOP_LOST', undefined, { cause });
        for (const reject of this.#pending) reject(error);
        this.#pending.clear();
        resolve(error);
      });
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  onEvent(listener: (event: XEvent) => void): void {
    this.#listeners.push(listener);
  }

  /** Sends one request and waits for its reply, or for its having been carried out where it has none. */
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

  /** Waits until the server has carried out everything sent so far. */
  async sync(): Promise<void> {
    await this.request<unknown>((client, done) => client.GetInputFocus(done));
  }

  atom(name: string): Promise<number> {
    return this.request<number>((client, done) => client.InternAtom(false, name, done));
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.client.terminate();
    const cut = new AbortController();
    const late = delay(CLOSE_TIMEOUT_MS, undefined, { signal: cut.signal }).then(
      () => this.client.stream?.destroy(),
      () => undefined,
    );
    await this.ended;
    cut.abort();
    await late;
  }
}

/** Loads an extension or says by name that it is missing. */
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

/** A number as the wire's INT16; beyond it the package throws after it has counted the request, for good. */
export const int16 = (value: number): number =>
  Number.isFinite(value) ? Math.max(-INT16_MAX, Math.min(INT16_MAX, Math.round(value))) : 0;
