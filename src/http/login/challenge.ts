import type { IncomingMessage } from 'node:http';
import { httpProblem, type Problem } from '../problems/errors.ts';

type Headers = Readonly<Record<string, string>>;

/**
 * What our page sends with each of its requests: the key of its session, or `none`. Pages of other origins cannot send
 * it, because the browser first asks the server whether they may.
 */
export const SESSION_HEADER = 'deskwire-session';

/** What an address has for a browser that is to log in by Basic, by its own dialog or its own means. */
const BASIC_QUERY = /[?&]login=basic(?:&|$)/;

export const asksForBasic = ({ url }: Pick<IncomingMessage, 'url'>): boolean => BASIC_QUERY.test(url ?? '');

/** The key in SESSION_HEADER. Undefined if the request has none. */
export function sentKey({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  const key = headers[SESSION_HEADER];
  return typeof key === 'string' && key !== 'none' ? key : undefined;
}

/** The refusal of a request without a right name and password. */
export function loginNeeded(request: Pick<IncomingMessage, 'headers' | 'url'>): Problem {
  return httpProblem('HTTP_LOGIN_NEEDED', undefined, { headers: challenge(request) });
}

/** Has status 401 as well, so that it does not tell whether the password is right, and a browser asks again. */
export function tooManyLogins(headers: Headers, delayMs: number): Problem {
  const seconds = String(Math.max(1, Math.ceil(delayMs / 1000)));
  return httpProblem('HTTP_TOO_MANY_LOGINS', `Too many wrong passwords; try again in ${seconds} s.`, {
    headers: { ...headers, 'Retry-After': seconds },
  });
}

/**
 * The challenge that opens a browser's own dialog for name and password. A program gets it, and so does a navigation
 * that leads to no page. A page's script gets none unless it asks for it, because its call would hang on the dialog.
 * Browsers that know the server by plain HTTP do not say what sends a request, but our page does. A frame in a page of
 * another site gets none either: browsers show no dialog there.
 */
export function challenge(request: Pick<IncomingMessage, 'headers' | 'url'>): Headers {
  const { headers } = request;
  const mode = headers['sec-fetch-mode'];
  const isInOtherSite =
    headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-dest'] !== 'document';
  const isOurPage = headers[SESSION_HEADER] !== undefined;
  const mayAsk = mode === undefined || mode === 'navigate' || asksForBasic(request);
  const hasDialog = !isOurPage && mayAsk && !isInOtherSite;
  return hasDialog ? { 'WWW-Authenticate': 'Basic realm="Deskwire", charset="UTF-8"' } : {};
}
