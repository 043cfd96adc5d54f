import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

export interface CallTarget {
  readonly url: string;
  readonly ca: string;
  readonly user: { readonly name: string; readonly password: string };
}

export interface Call {
  readonly path: string;
  /** Sent as JSON by POST. Without it the call is a GET. */
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly bodyBytes: number;
  /** Beginning of the body, which has the reason of a refusal. */
  readonly text: string;
}

/** Returns the headers that each request to a target has. */
export function requestHead({ url, user }: CallTarget): string {
  const authorization = Buffer.from(`${user.name}:${user.password}`).toString('base64');
  return `Host: ${new URL(url).host}\r\nAuthorization: Basic ${authorization}\r\n`;
}

/** Most bytes of a body that are kept for an error. */
const MOST_TEXT_BYTES = 300;

/**
 * Calls the API over one TLS connection, one call after the other. Reads no more of an answer than where it ends: on two
 * cores, a full HTTP client would take more of them than the server that it measures.
 */
export class KeepAliveCaller {
  readonly #socket: TLSSocket;
  readonly #head: string;
  #answered: PromiseWithResolvers<Answer> | undefined;
  #received: Buffer = Buffer.alloc(0);
  /** Bytes of the body that are still to come; undefined while the header is read. */
  #missingBytes: number | undefined;
  #answer: Answer = { status: 0, bodyBytes: 0, text: '' };

  static async connect(target: CallTarget): Promise<KeepAliveCaller> {
    const { hostname, port } = new URL(target.url);
    const socket = connect({ host: hostname, port: Number(port), ca: target.ca });
    await once(socket, 'secureConnect');
    return new KeepAliveCaller(socket, requestHead(target));
  }

  private constructor(socket: TLSSocket, head: string) {
    this.#socket = socket;
    this.#head = head;
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('error', (error) => this.#answered?.reject(error));
    socket.on('close', () => this.#answered?.reject(new Error('The server closed the connection.')));
  }

  call({ path, body }: Call): Promise<Answer> {
    this.#answered = Promise.withResolvers();
    if (body === undefined) {
      this.#socket.write(`GET ${path} HTTP/1.1\r\n${this.#head}\r\n`);
    } else {
      const json = JSON.stringify(body);
      const length = Buffer.byteLength(json);
      this.#socket.write(
        `POST ${path} HTTP/1.1\r\n${this.#head}Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${json}`,
      );
    }
    return this.#answered.promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(bytes: Buffer): void {
    let body = bytes;
    if (this.#missingBytes === undefined) {
      this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
      const end = this.#received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const header = this.#received.toString('latin1', 0, end);
      const length = /^content-length: (\d+)$/im.exec(header)?.[1];
      if (length === undefined) {
        this.#answered?.reject(new Error(`The answer does not say its length:\n${header}`));
        return;
      }
      body = this.#received.subarray(end + 4);
      this.#received = Buffer.alloc(0);
      this.#missingBytes = Number(length);
      const status = Number(header.slice('HTTP/1.1 '.length, 'HTTP/1.1 '.length + 3));
      const text = status < 300 ? '' : body.toString('utf8', 0, MOST_TEXT_BYTES);
      this.#answer = { status, bodyBytes: this.#missingBytes, text };
    }
    this.#missingBytes -= body.length;
    if (this.#missingBytes > 0) return;
    this.#missingBytes = undefined;
    this.#answered?.resolve(this.#answer);
  }
}
