import { DeskwireError, sdkError } from './errors.ts';
import type { Server } from './options.ts';
import type { CallShape, OutgoingCall } from './request.ts';

/** What Node.js says of a certificate that no known authority has signed. */
export const UNTRUSTED: readonly string[] = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];

const REMEDY =
  ' Give `fetch: nodeFetch({ ca })` of deskwire/sdk/node, with the content of the server’s cert.pem.';

/** Sends a request. Resolves with the head of the answer, whatever it is. */
export async function send(
  { base, headers, fetch }: Server,
  { method, path, types }: CallShape,
  { target, type, body }: OutgoingCall,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await fetch(`${base}${target}`, {
      method,
      headers: { Accept: types.join(', '), ...headers, ...(type !== undefined && { 'Content-Type': type }) },
      ...(body !== undefined && { body: body as NonNullable<RequestInit['body']> }),
      signal,
      cache: 'no-store',
      // The API redirects nothing. Another address must not get the password.
      redirect: 'error',
    });
  } catch (error) {
    throw unreachable(`${method} /${path}`, error, signal);
  }
}

/** The error for a request or an answer that broke off. Never has the query, which may have a password in it. */
export function unreachable(what: string, error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof DeskwireError) return error;
  // Node's `fetch` has the reason in `cause`.
  const { cause: reason = error } = error as { readonly cause?: unknown };
  const { message = String(reason), code } = reason as { readonly message?: string; readonly code?: string };
  const remedy = code !== undefined && UNTRUSTED.includes(code) ? REMEDY : '';
  return sdkError('SDK_UNREACHABLE', `${what}: ${message || code}.${remedy}`, { cause: error });
}
