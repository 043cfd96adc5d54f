import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { monotonicMs } from '../clock.ts';
import { type CallTarget, requestHead } from './keep-alive-caller.ts';

/** Line of the stream that begins an event of the kind that is counted. */
const BEGINNING = '\nevent: user_changed\n';

/** Reads the events of the desktop over a TLS connection of its own, and notes when each change of a user arrives. */
export class EventReader {
  readonly #socket: TLSSocket;
  readonly #onEvent: (number: number, ms: number) => void;
  #tail = '';
  #events = 0;
  bytes = 0;

  /** Resolves when the stream has begun. `onEvent` is called with the number of the event, from 0 on, and the time. */
  static async open(target: CallTarget, onEvent: (number: number, ms: number) => void): Promise<EventReader> {
    const { hostname, port } = new URL(target.url);
    const socket = connect({ host: hostname, port: Number(port), ca: target.ca });
    await once(socket, 'secureConnect');
    const reader = new EventReader(socket, onEvent);
    socket.write(`GET /api/events HTTP/1.1\r\n${requestHead(target)}\r\n`);
    const [first] = (await once(socket, 'data')) as [Buffer];
    if (!first.toString('latin1').startsWith('HTTP/1.1 200'))
      throw new Error(`/api/events: ${first.toString('utf8', 0, 300)}`);
    return reader;
  }

  private constructor(socket: TLSSocket, onEvent: (number: number, ms: number) => void) {
    this.#socket = socket;
    this.#onEvent = onEvent;
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('error', () => undefined);
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    this.bytes += bytes.length;
    const text = this.#tail + bytes.toString('latin1');
    let end = 0;
    for (let at = text.indexOf(BEGINNING); at >= 0; at = text.indexOf(BEGINNING, end)) {
      end = at + BEGINNING.length;
      this.#onEvent(this.#events++, monotonicMs());
    }
    // The beginning of a line may be in this piece, and its end in the next one.
    this.#tail = text.slice(Math.max(end, text.length - BEGINNING.length + 1));
  }
}
