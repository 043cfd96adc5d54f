import { type IncomingHttpHeaders, request } from 'node:http';
import {
  ASSERTION_HEADER,
  ASSERTION_LIFE_MS,
  type AssertedLogin,
  writeAssertion,
} from '../../http/login/edge-assertion.ts';
import type { Desktop } from '../store/fleet-state.ts';
import { type DesktopPlace, toDesktop } from './reach-desktop.ts';

/** A request of the edge's own, in the name of a user. */
export interface DesktopRequest extends AssertedLogin {
  readonly method: string;
  /** Path and query below the desktop's own root. */
  readonly path: string;
  /** Address of the user. */
  readonly address: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Longest wait for the answer, in ms. */
  readonly limitMs: number;
  /** Bytes that the answer may have. */
  readonly mostBytes: number;
}

export interface WholeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
}

/** Asks a desktop, and reads its whole answer. Rejects if it does not answer in time, or with too much. */
export function requestDesktop(
  place: DesktopPlace,
  { epoch, key }: Pick<Desktop, 'epoch' | 'key'>,
  { method, path, address, headers, signal, limitMs, mostBytes, ...login }: DesktopRequest,
): Promise<WholeAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<WholeAnswer>();
  const expiresMs = Date.now() + ASSERTION_LIFE_MS;
  const assertion = writeAssertion({ ...login, address, epoch, expiresMs }, key);
  const asked = request(
    {
      ...{ path, method, ...toDesktop(place) },
      signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]),
      headers: { 'X-Forwarded-For': address, [ASSERTION_HEADER]: assertion, ...headers },
    },
    (answer) => {
      const parts: Buffer[] = [];
      let length = 0;
      answer.on('data', (part: Buffer) => {
        length += part.length;
        parts.push(part);
        if (length > mostBytes) asked.destroy(new Error(`The answer has more than ${mostBytes} bytes.`));
      });
      answer.on('error', reject).once('end', () => {
        resolve({ status: answer.statusCode!, headers: answer.headers, bytes: Buffer.concat(parts) });
      });
    },
  );
  asked.on('error', reject).end();
  return promise;
}
