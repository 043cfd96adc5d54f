import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import { loginHeaders, type TestLogin } from './login-headers.ts';

export interface HttpsAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  text(): string;
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts the content.
  json(): any;
}

export interface HttpsRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, text and bytes unchanged. */
  readonly body?: unknown;
  /** Ends the request with an error after this time, so that no test hangs. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 20_000;

/** An answer that goes on for ever. The client takes its head, and ends it. */
const STREAM_TYPE = 'text/event-stream';

/** There was no answer in time. */
export class NoAnswer extends Error {}

/** A caller of the API: one user, connections kept open between calls, the server's certificate verified. */
export class HttpsClient {
  readonly #base: string;
  readonly #agent: Agent;
  readonly #login: Readonly<Record<string, string>>;

  /** `ca` is the PEM certificate that the server must prove. Without `user`, calls are anonymous. */
  constructor(base: string, ca: string, user?: TestLogin) {
    this.#base = base;
    this.#agent = new Agent({ ca, keepAlive: true });
    this.#login = user ? loginHeaders(user) : {};
  }

  get(path: string, options: HttpsRequest = {}): Promise<HttpsAnswer> {
    return this.send(path, options);
  }

  post(path: string, body: unknown, options: HttpsRequest = {}): Promise<HttpsAnswer> {
    return this.send(path, { method: 'POST', ...options, body });
  }

  /** Resolves with the answer, whatever its status. Rejects if there is none. */
  send(path: string, options: HttpsRequest): Promise<HttpsAnswer> {
    const { body, type } = encodeBody(options.body);
    const headers: Record<string, string> = { ...this.#login };
    if (type) headers['content-type'] = type;
    if (body) headers['content-length'] = String(body.length);
    Object.assign(headers, options.headers);
    return new Promise((resolve, reject) => {
      const outgoing = request(
        new URL(path, this.#base),
        { agent: this.#agent, method: options.method ?? 'GET', headers },
        (incoming) => {
          if (incoming.headers['content-type'] === STREAM_TYPE) {
            incoming.destroy();
            resolve(answer(incoming.statusCode ?? 0, incoming.headers, Buffer.alloc(0)));
            return;
          }
          const parts: Buffer[] = [];
          incoming.on('data', (part: Buffer) => parts.push(part));
          incoming.on('error', reject);
          incoming.on('end', () => {
            resolve(answer(incoming.statusCode ?? 0, incoming.headers, Buffer.concat(parts)));
          });
        },
      );
      outgoing.setTimeout(options.timeoutMs ?? TIMEOUT_MS, () => {
        outgoing.destroy(new NoAnswer(`No answer from ${path}`));
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function answer(status: number, headers: IncomingHttpHeaders, body: Buffer): HttpsAnswer {
  return {
    status,
    headers,
    body,
    text: () => body.toString(),
    json: () => JSON.parse(body.toString()),
  };
}

function encodeBody(body: unknown): { body: Buffer | undefined; type: string | undefined } {
  if (body === undefined) return { body: undefined, type: undefined };
  if (typeof body === 'string') return { body: Buffer.from(body), type: 'text/plain' };
  if (body instanceof Uint8Array) return { body: Buffer.from(body), type: 'application/octet-stream' };
  return { body: Buffer.from(JSON.stringify(body)), type: 'application/json' };
}
