import { desktopStateOf } from './api/desktop-state.ts';
import type { Refusal } from './api/refusal.ts';
import { retryAfterOf } from './api/retry-after.ts';
import { sessionHeaders } from './api/session-key.ts';

/**
 * Longest wait for a ticket, in ms. The server may have to check a password first. A smaller value gives up on a busy
 * server; with a larger one the user waits longer for a server that does not answer.
 */
const TICKET_TIMEOUT_MS = 10_000;

/**
 * Longest wait, in ms, for a program that drives this browser to log in by Basic. A smaller value gives up on a server
 * that is slow to check the password; with a larger one, a program that wants the form waits longer for it.
 */
const DRIVER_TIMEOUT_MS = 2000;

/** How the user of a ticket is logged in: by a session of this page, or by what the browser or a proxy sends. */
export interface LoggedIn {
  readonly user: string;
  readonly by: 'session' | 'password' | 'ticket' | 'token' | 'proxy';
}

/** The server's answer to a request for a ticket. */
export type TicketAnswer =
  | { readonly kind: 'ticket'; readonly ticket: string; readonly loggedIn?: LoggedIn | undefined }
  /** The server, or a proxy before it, has no tickets. The WebSocket is opened without one. */
  | { readonly kind: 'no tickets' }
  /** The WebSocket would be refused for the same reason. `status` is undefined if the server did not answer. */
  | ({ readonly kind: 'refused' } & Refusal);

/**
 * Asks for a ticket, which opens one WebSocket. `baseUrl` is the folder of the page. Unlike the cookie, a ticket is not
 * sent to the other ports of the host; and some browsers send no password with a WebSocket. A page of another origin
 * logs in with a token.
 */
export async function fetchTicket(baseUrl: URL, token?: string): Promise<TicketAnswer> {
  const answer = await askForTicket(baseUrl, token);
  const needsLogin = answer.kind === 'refused' && answer.status === 401 && token === undefined;
  return needsLogin && (await isLoggedInByDriver(baseUrl)) ? askForTicket(baseUrl) : answer;
}

/**
 * Lets a program that drives Chromium, as Playwright does with `httpCredentials`, answer the server's challenge.
 * Without such a program, or without credentials, nobody could: the browser's own dialog would open.
 */
async function isLoggedInByDriver(baseUrl: URL): Promise<boolean> {
  // Firefox would open its dialog, and keep it open.
  if (!navigator.webdriver || !('userAgentData' in navigator)) return false;
  const signal = AbortSignal.timeout(DRIVER_TIMEOUT_MS);
  const url = new URL('./?login=basic', baseUrl);
  const asked = fetch(url, { method: 'HEAD', mode: 'same-origin', cache: 'no-store', signal });
  return asked.then(
    ({ ok }) => ok,
    () => false,
  );
}

async function askForTicket(baseUrl: URL, token?: string): Promise<TicketAnswer> {
  try {
    const url = new URL('ticket', baseUrl);
    const response = await fetch(url, {
      method: 'POST',
      cache: 'no-store',
      signal: AbortSignal.timeout(TICKET_TIMEOUT_MS),
      ...(token === undefined
        ? { mode: 'same-origin', headers: sessionHeaders(baseUrl) }
        : { mode: 'cors', credentials: 'omit', headers: { Authorization: `Bearer ${token}` } }),
    });
    const answer = ticketAnswer(response.status, await response.json().catch(() => undefined));
    if (answer.kind !== 'refused') return answer;
    const { headers } = response;
    return { ...answer, retryAfterS: retryAfterOf(headers), desktop: desktopStateOf(headers) };
  } catch {
    return { kind: 'refused', status: undefined };
  }
}

/** Reads an answer. `body` is its parsed JSON: a ticket, or the reason of a refusal. */
export function ticketAnswer(status: number, body: unknown): TicketAnswer {
  const { ticket, title, detail, code, user, logged_in_by: by } = (body ?? {}) as Record<string, unknown>;
  if (status === 200 && typeof ticket === 'string')
    return {
      kind: 'ticket',
      ticket,
      loggedIn: typeof user === 'string' ? { user, by: by as LoggedIn['by'] } : undefined,
    };
  if (status === 401 || status === 403 || status === 429 || status >= 500) {
    // A detail that only repeats the title says less than the page does.
    const hasReason = typeof detail === 'string' && detail !== title;
    return {
      kind: 'refused',
      status,
      ...(hasReason && { reason: detail }),
      ...(typeof code === 'string' && { code }),
    };
  }
  return { kind: 'no tickets' };
}

/** The address of the WebSocket. */
export function socketUrl(baseUrl: URL, answer: TicketAnswer): URL {
  const url = new URL('websockify', baseUrl);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  if (answer.kind === 'ticket') url.searchParams.set('ticket', answer.ticket);
  return url;
}
