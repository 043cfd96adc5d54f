import { request } from 'node:http';
import { type PresentLogin, REVOKE_PATH } from '../../http/edge-calls.ts';
import { ASSERTION_HEADER, ASSERTION_LIFE_MS, writeAssertion } from '../../http/login/edge-assertion.ts';
import type { Revocation } from '../../http/login/edge-revocations.ts';
import type { Desktop } from '../store/fleet-state.ts';

/** Address of the host in its own requests. */
const HOST_ADDRESS = 'unix';

/** Longest wait in ms for the answer, which takes 1 ms. A larger value tries again later after a failure. */
const ANSWER_LIMIT_MS = 2000;

/** Bytes of an answer: some thousand viewers with long names. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Tells a desktop which logins have ended. Resolves with those who are there then. Rejects if it does not answer. */
export function tellDesktop(
  { key, epoch }: Pick<Desktop, 'key' | 'epoch'>,
  socketPath: string,
  revocation: Revocation,
): Promise<PresentLogin[]> {
  const assertion = writeAssertion(
    {
      ...{ user: undefined, isHost: true, address: HOST_ADDRESS, epoch, version: revocation.version },
      expiresMs: Date.now() + ASSERTION_LIFE_MS,
    },
    key,
  );
  const { promise, resolve, reject } = Promise.withResolvers<PresentLogin[]>();
  const headers = { [ASSERTION_HEADER]: assertion };
  const asked = request(
    { ...{ socketPath, path: REVOKE_PATH, method: 'POST', agent: false, headers } },
    (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        if (text.length > MOST_BYTES) asked.destroy(new Error('The desktop answers too much.'));
      });
      answer.once('error', reject).once('end', () => {
        if (answer.statusCode === 200) resolve(JSON.parse(text) as PresentLogin[]);
        else reject(new Error(`The desktop answers ${answer.statusCode}.`));
      });
    },
  );
  asked.setTimeout(ANSWER_LIMIT_MS, () => asked.destroy(new Error('The desktop does not answer in time.')));
  asked.once('error', reject).end(JSON.stringify(revocation));
  return promise;
}

/**
 * Ends all who have come to a desktop by an edge, which may be cut off from the store and would not end them. Does
 * nothing without a desktop. Rejects if it does not answer.
 */
export async function endEveryone(
  desktop: Pick<Desktop, 'key' | 'epoch'> | undefined,
  socketPath: string,
  version: number,
): Promise<void> {
  const everyone = { version, users: [], logins: [], everyone: true };
  if (desktop !== undefined) await tellDesktop(desktop, socketPath, everyone);
}
