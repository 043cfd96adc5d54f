import { type ClientRequest, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent, request } from 'node:https';
import { packageVersion } from '../config/package-version.ts';
import { SIGNATURE_HEADER, signature, TIMESTAMP_HEADER } from './signature.ts';
import type { Answer } from './webhook.ts';

/** Time for one delivery, in milliseconds. A larger value waits longer for a receiver that hangs. */
const TIMEOUT_MS = 10_000;

/** Bytes of an answer's headers. A smaller value refuses receivers with many headers, a larger one takes more memory. */
const MOST_HEADER_BYTES = 16 * 1024;

/** Bytes of an answer's body that are dropped, so that the connection can be used again. A larger one ends it. */
const MOST_BODY_BYTES = 16 * 1024;

/** Sends one event to one receiver. Keeps the connection. */
export interface Poster {
  post(id: string, body: string, signal: AbortSignal): Promise<Answer>;
  close(): void;
}

/**
 * Sends signed events to a URL. Follows no redirects, uses no proxy, and drops the body of each answer, so that nothing
 * of what the URL leads to comes back.
 */
export function createPoster(url: string, secret: string, timeoutMs = TIMEOUT_MS): Poster {
  const isTls = url.startsWith('https:');
  const options = { keepAlive: true, maxSockets: 1 };
  const agent = isTls ? new Agent(options) : new PlainAgent(options);
  const send = isTls ? request : plainRequest;
  const post = (id: string, body: string, signal: AbortSignal): Promise<Answer> =>
    new Promise((resolve) => {
      const timestamp = String(Math.floor(Date.now() / 1000));
      const headers = {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
        'User-Agent': `Deskwire/${packageVersion()}`,
        'Deskwire-Event-Id': id,
        [TIMESTAMP_HEADER]: timestamp,
        [SIGNATURE_HEADER]: signature(secret, timestamp, body),
      };
      const limit = setTimeout(
        () => outgoing.destroy(new Error('The receiver did not answer in time.')),
        timeoutMs,
      );
      const settle = (answer: Answer): void => {
        clearTimeout(limit);
        resolve(answer);
      };
      const outgoing: ClientRequest = send(
        url,
        { method: 'POST', agent, headers, signal, maxHeaderSize: MOST_HEADER_BYTES },
        (incoming) => {
          const asked = Number(incoming.headers['retry-after']);
          settle({
            status: incoming.statusCode,
            retryAfterS: Number.isFinite(asked) ? Math.max(0, asked) : undefined,
          });
          // A short body lets the connection be used again. A long one is not waited for.
          incoming.resume();
          incoming.on('error', () => undefined);
          const length =
            incoming.statusCode === 204 ? 0 : Number(incoming.headers['content-length'] ?? Number.NaN);
          if (!(length <= MOST_BODY_BYTES)) incoming.destroy();
        },
      );
      outgoing.on('error', (error) => settle({ status: undefined, error }));
      outgoing.end(body);
    });
  return { post, close: () => agent.destroy() };
}
