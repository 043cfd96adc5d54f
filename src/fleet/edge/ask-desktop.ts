import type { User } from '../../accounts/user.ts';
import { fleetProblem } from '../store/errors.ts';
import type { Desktop } from '../store/fleet-state.ts';
import type { DesktopPlace } from './reach-desktop.ts';
import { requestDesktop } from './request-desktop.ts';

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
  desktop: Pick<Desktop, 'epoch' | 'key'>,
  call: AskedCall,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly body: unknown }> {
  if (place === undefined) throw fleetProblem('FLEET_DESKTOP_SILENT', 'This edge cannot reach its host.');
  try {
    const limits = { limitMs: ANSWER_LIMIT_MS, mostBytes: MOST_BYTES, signal };
    const { status, headers, bytes } = await requestDesktop(place, desktop, { ...call, ...limits });
    const isJson = /^application\/(problem\+)?json\b/.test(headers['content-type'] ?? '');
    return { status, body: isJson ? JSON.parse(bytes.toString()) : undefined };
  } catch (cause) {
    signal.throwIfAborted();
    throw fleetProblem('FLEET_DESKTOP_SILENT', undefined, { cause });
  }
}
