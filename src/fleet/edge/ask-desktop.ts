import { request } from 'node:http';
import type { User } from '../../accounts/user.ts';
import { ASSERTION_HEADER, ASSERTION_LIFE_MS, writeAssertion } from '../../http/login/edge-assertion.ts';
import { fleetProblem } from '../store/errors.ts';
import type { Desktop } from '../store/fleet-state.ts';
import { type DesktopPlace, reachDesktop } from './reach-desktop.ts';

/** Longest wait in ms for an answer. It takes some ms; a smaller value gives up on a desktop that is busy. */
const ANSWER_LIMIT_MS = 10_000;

/** Bytes of an answer. A list of 512 viewers has 300 KB. */
const MOST_BYTES = 4 * 1024 * 1024;

interface AskedCall {
  readonly method: string;
  /** Path and query below the desktop's own root. */
  readonly path: string;
  readonly user: User;
  readonly address: string;
  /** Version of the fleet's state in which the user's rights were found. */
  readonly version: number;
}

/** Makes a call of a desktop's own API in the name of a user. Throws FLEET_DESKTOP_SILENT. */
export async function askDesktop(
  place: DesktopPlace | undefined,
  { epoch, key }: Pick<Desktop, 'epoch' | 'key'>,
  { method, path, user, address, version }: AskedCall,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly body: unknown }> {
  if (place === undefined) throw fleetProblem('FLEET_DESKTOP_SILENT', 'This edge cannot reach its host.');
  const expiresMs = Date.now() + ASSERTION_LIFE_MS;
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: unknown }>();
  const asked = request(
    {
      ...{ path, method },
      createConnection: (_options, connected) => {
        reachDesktop(place, (error, socket) => connected(error ?? null, socket!));
        return undefined;
      },
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]),
      headers: {
        'X-Forwarded-For': address,
        [ASSERTION_HEADER]: writeAssertion({ user, version, address, epoch, expiresMs }, key),
      },
    },
    (answer) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (part: Buffer) => {
        bytes += part.length;
        parts.push(part);
        if (bytes > MOST_BYTES) asked.destroy(new Error(`the answer has more than ${MOST_BYTES} bytes`));
      });
      answer.once('error', reject).once('end', () => {
        const isJson = /^application\/(problem\+)?json\b/.test(answer.headers['content-type'] ?? '');
        const text = Buffer.concat(parts).toString();
        try {
          resolve({ status: answer.statusCode!, body: isJson ? JSON.parse(text) : undefined });
        } catch (error) {
          reject(error);
        }
      });
    },
  );
  asked.once('error', reject).end();
  try {
    return await promise;
  } catch (cause) {
    signal.throwIfAborted();
    throw fleetProblem('FLEET_DESKTOP_SILENT', undefined, { cause });
  }
}
