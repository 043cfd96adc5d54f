import { type DesktopState, desktopStateOf } from './desktop-state.ts';
import { retryAfterOf } from './retry-after.ts';

/** A refusal of the server: of a login, a ticket or a connection. Or no answer. */
export interface Refusal {
  /** HTTP status. Undefined if the server did not answer. */
  readonly status: number | undefined;
  /** The server's explanation, in English. */
  readonly reason?: string | undefined;
  /** A code of docs/errors.md. */
  readonly code?: string | undefined;
  /** When it makes sense to try again, in seconds from now. */
  readonly retryAfterS?: number | undefined;
  /** What the desktop is doing, if it is one of a fleet and does not run. */
  readonly desktop?: DesktopState | undefined;
}

/** Reads a refusal. `body` is the parsed JSON of the answer, empty if it had none. */
export function refusalOf(
  { status, headers }: Response,
  { code, detail }: Readonly<Record<string, unknown>>,
): Refusal {
  const retryAfterS = retryAfterOf(headers);
  const desktop = desktopStateOf(headers);
  return {
    status,
    ...(typeof code === 'string' && { code }),
    ...(typeof detail === 'string' && { reason: detail }),
    ...(retryAfterS !== undefined && { retryAfterS }),
    ...(desktop && { desktop }),
  };
}
