import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../accounts/pass.ts';
import { brokenOff } from './broken-off.ts';
import type { EntryTickets } from './login/entry-tickets.ts';
import type { Login } from './login/login.ts';
import type { Origins } from './origin/origins.ts';
import { refuseBrowsers } from './origin/refuse-browsers.ts';
import { httpProblem } from './problems/errors.ts';

export const SESSION_PATH = '/session';

/** What the page adds if its user wants to stay logged in. */
const STAY_QUERY = /[?&]stay(?:[=&]|$)/;

interface PageSessionOptions {
  readonly login: Login;
  /** Tickets of links that log a browser in. By default there are none. */
  readonly entryTickets?: EntryTickets;
  readonly origins: Origins;
}

/**
 * Logs our page in and out. A page of another origin can read no answer, and cannot send the password: there are no
 * headers that allow it.
 */
export function servePageSessions(app: FastifyInstance, options: PageSessionOptions): void {
  app.post(SESSION_PATH, (request, reply) => beginSession(request, reply, options));
  app.delete(SESSION_PATH, (request, reply) => endSession(request, reply, options));
}

/** Logs the page in that sends this request. */
export async function beginSession(
  request: FastifyRequest,
  reply: FastifyReply,
  { login, entryTickets, origins }: PageSessionOptions,
): Promise<FastifyReply> {
  refuseBrowsers(origins, request.raw);
  const user: Caller =
    entryTickets?.callerOf(request.raw) ??
    (await login.byOwnPassword(request.raw, brokenOff(reply.raw).signal));
  return giveSession(user, request, reply, { login, origins });
}

/** The same for a user who has just logged in. */
export function giveSession(
  user: Caller,
  request: FastifyRequest,
  reply: FastifyReply,
  { login, origins }: Pick<PageSessionOptions, 'login' | 'origins'>,
): FastifyReply {
  request.user = user;
  request.pass = user.pass;
  if (!user.read) throw httpProblem('HTTP_NO_READ');
  const stays = STAY_QUERY.test(request.raw.url ?? '');
  const isFramed = origins.isFramed(request.raw);
  const { cookie, key } = login.beginSession(user, request.raw, { stays, isFramed });
  reply.headers({ 'Set-Cookie': cookie, 'Cache-Control': 'no-store' });
  return reply.type('application/json').send(Buffer.from(JSON.stringify({ key, user: user.name })));
}

/** Logs it out. Needs no login: a page whose session has ended meanwhile has its cookies cleared as well. */
export async function endSession(
  request: FastifyRequest,
  reply: FastifyReply,
  { login, origins }: PageSessionOptions,
): Promise<FastifyReply> {
  refuseBrowsers(origins, request.raw);
  const caller = login.byCookie(request.raw);
  request.user = caller;
  request.pass = caller?.pass;
  reply.header('Set-Cookie', await login.endSession(request.raw));
  return reply.code(204).send();
}
