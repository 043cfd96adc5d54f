import { HASHED_NAME } from '../../protocol/hashed-name.ts';

/** How the service worker answers a request of the page. */
export type Answer =
  /** Not at all: the browser asks the server, as it does without a service worker. */
  | 'none'
  /** The server's page, or the kept one if the server does not answer. */
  | 'page'
  /** The server's file, or the kept one if the server does not answer. */
  | 'newest'
  /** The kept file, which never changes, or the server's if it is not kept. */
  | 'kept';

/** What a request says of itself. */
export interface Asked {
  readonly method: string;
  readonly mode: string;
  readonly url: string;
}

/** Names of the page below its folder. */
const PAGE: ReadonlySet<string> = new Set(['', 'index.html']);

/**
 * Decides how a request is answered. `scope` is the address of the page's folder, `files` the names of the page's own
 * files in it. Calls of the API, tickets, pictures and addresses outside the folder are none of them, so that they
 * never come from what the browser keeps.
 */
export function answerFor({ method, mode, url }: Asked, scope: string, files: ReadonlySet<string>): Answer {
  const { origin, pathname, search } = new URL(url);
  const place = `${origin}${pathname}`;
  if (method !== 'GET' || !place.startsWith(scope)) return 'none';
  const name = place.slice(scope.length);
  // An address with a query is the page with its settings. The page's files have no queries.
  if (mode === 'navigate') return PAGE.has(name) ? 'page' : 'none';
  if (search !== '' || name.includes('/')) return 'none';
  // An open page of the last version loads its own files, which the server may no longer have.
  if (HASHED_NAME.test(name)) return 'kept';
  return files.has(name) ? 'newest' : 'none';
}
