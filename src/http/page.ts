import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../accounts/pass.ts';
import type { User } from '../accounts/user.ts';
import { brokenOff } from './broken-off.ts';
import { asksForBasic, SESSION_HEADER } from './login/challenge.ts';
import type { Login } from './login/login.ts';
import type { Origins } from './origin/origins.ts';
import { readPageFiles, sendFile } from './page-files.ts';
import { httpProblem, Problem } from './problems/errors.ts';

export interface PageOptions {
  /** Folder of the built page, with its `index.html`. */
  readonly folder: string;
  /** Path below which a proxy shows the server. */
  readonly basePath: string | undefined;
  readonly login: Login;
  readonly origins: Origins;
  /** The reason why this user cannot have a viewer now, or why the last one was refused. */
  readonly seatProblem: (user: User, request: IncomingMessage) => Problem | undefined;
  /** A browser with a valid login loads the page: its viewer is about to connect. */
  expectViewer(): void;
}

/**
 * Serves the page's files, which are the same for everybody and need no login. Reads all of them once, so that no
 * request names a file of the disk. What asks for more than a file has to log in: see `needsLogin`. Rejects if the
 * folder cannot be read.
 */
export async function servePage(app: FastifyInstance, options: PageOptions): Promise<void> {
  const { folder, basePath, origins } = options;
  const files = await readPageFiles(folder, { basePath, frameOrigins: origins.list });
  for (const [path, file] of files) {
    app.route({
      method: ['GET', 'HEAD'],
      url: path,
      handler: async (request, reply) => {
        if (needsLogin(request)) await admit(request, reply, options);
        else if (isNavigation(request.raw)) renewCookie(request, reply, options);
        return sendFile(request, reply, file);
      },
    });
  }
}

/**
 * Whether a request for a file is also one to log in. The page's probe is: it asks why its WebSocket was refused, which a
 * browser does not tell a script, and gets the login cookie, because the server may have restarted. So is a program that
 * sends a password or a token with it, and a navigation that asks for the browser's own dialog.
 */
function needsLogin({ raw }: FastifyRequest): boolean {
  return isProbe(raw) || asksForBasic(raw) || (!isBrowser(raw) && raw.headers.authorization !== undefined);
}

/** Whether our page asks why its WebSocket was refused. */
export const isProbe = ({ headers, method }: IncomingMessage): boolean =>
  method === 'HEAD' && (headers['sec-fetch-mode'] === 'same-origin' || headers[SESSION_HEADER] !== undefined);

/** Browsers that know the server by plain HTTP do not say what sends a request. */
export const isNavigation = ({ headers, method }: IncomingMessage): boolean =>
  method === 'GET' &&
  (headers['sec-fetch-mode'] ?? (headers.accept?.includes('text/html') ? 'navigate' : '')) === 'navigate';

/** A browser may send a password that it remembers with any file. The page asks for a ticket with it. */
const isBrowser = (request: IncomingMessage): boolean =>
  request.headers['sec-fetch-mode'] !== undefined || isNavigation(request);

async function admit(request: FastifyRequest, reply: FastifyReply, options: PageOptions): Promise<void> {
  const user = await options.login.byCookieOrPassword(request.raw, brokenOff(reply.raw).signal);
  request.user = user;
  request.pass = user.pass;
  if (isProbe(request.raw)) {
    if (!user.read) throw httpProblem('HTTP_NO_READ');
    const refused = options.seatProblem(user, request.raw);
    if (refused !== undefined) throw refused;
  }
  giveCookie(user, request, reply, options);
}

/** Has the browser's own dialog, or a program that drives the browser, log in. Throws a Problem. */
export async function logInByBasic(
  request: FastifyRequest,
  reply: FastifyReply,
  options: Pick<PageOptions, 'login' | 'origins'>,
): Promise<void> {
  const user = await options.login.byCookieOrPassword(request.raw, brokenOff(reply.raw).signal);
  request.user = user;
  request.pass = user.pass;
  giveCookie(user, request, reply, options);
}

/** Gives a browser a cookie that logs it in, unless it has one. */
function giveCookie(
  user: Caller,
  request: FastifyRequest,
  reply: FastifyReply,
  { login, origins }: Pick<PageOptions, 'login' | 'origins'>,
): void {
  const cookie = login.cookieFor(user, request.raw, origins.isFramed(request.raw));
  if (cookie !== undefined) reply.header('Set-Cookie', cookie);
}

/** Renews the cookie of a browser that loads the page, if it has one. */
export function renewCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  options: Pick<PageOptions, 'login' | 'origins'> & Partial<PageOptions>,
): void {
  const { login, expectViewer } = options;
  if (request.headers.cookie === undefined) return;
  let user: Caller | undefined;
  try {
    user = login.byCookie(request.raw);
  } catch (error) {
    // The proxy names a user who has no account. The page will say so.
    if (error instanceof Problem) return;
    throw error;
  }
  if (user === undefined) return;
  request.user = user;
  request.pass = user.pass;
  // The answer leaves first.
  if (user.read && expectViewer) setImmediate(expectViewer);
  giveCookie(user, request, reply, options);
}
