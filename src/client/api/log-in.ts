import { type Refusal, refusalOf } from './refusal.ts';
import { keepSessionKey, sessionHeaders } from './session-key.ts';

/**
 * Longest wait for the answer, in ms. Logins may wait 15 s for others. With a smaller value the form gives up on a busy
 * server; with a larger one the user waits longer for a server that does not answer.
 */
const ANSWER_TIMEOUT_MS = 25_000;

/** How a user logs in: by the form, or by a link with a ticket. */
export type Credentials =
  | { readonly kind: 'password'; readonly name: string; readonly password: string; readonly stays: boolean }
  | { readonly kind: 'ticket'; readonly ticket: string };

/** Logs this browser in. Returns the reason if the server refuses. */
export async function logIn(baseUrl: URL, credentials: Credentials): Promise<Refusal | undefined> {
  const url = new URL('session', baseUrl);
  if (credentials.kind === 'password' && credentials.stays) url.searchParams.set('stay', '');
  // In a frame, the cookie has another form.
  if (window.top !== window) url.searchParams.set('framed', '');
  try {
    const response = await fetch(url, {
      method: 'POST',
      mode: 'same-origin',
      cache: 'no-store',
      headers: { ...sessionHeaders(baseUrl), Authorization: authorization(credentials) },
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    if (!response.ok) return refusalOf(response, body);
    keepSessionKey(baseUrl, typeof body.key === 'string' ? body.key : undefined);
    return undefined;
  } catch {
    return { status: undefined };
  }
}

/** Logs this browser out. Returns whether the server has ended its session. */
export async function logOut(baseUrl: URL): Promise<boolean> {
  const headers = sessionHeaders(baseUrl);
  keepSessionKey(baseUrl, undefined);
  try {
    const { ok } = await fetch(new URL('session', baseUrl), {
      method: 'DELETE',
      mode: 'same-origin',
      headers,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    return ok;
  } catch {
    return false;
  }
}

function authorization(credentials: Credentials): string {
  if (credentials.kind === 'ticket') return `Bearer ${credentials.ticket}`;
  const bytes = new TextEncoder().encode(`${credentials.name}:${credentials.password}`);
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}`;
}
