import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../accounts/pass.ts';
import { brokenOff } from './broken-off.ts';
import type { EntryTickets } from './login/entry-tickets.ts';
import type { Login } from './login/login.ts';
import { TICKET_LIFETIME_S } from './login/login-tickets.ts';
import { allowPages } from './origin/cors.ts';
import type { Origins } from './origin/origins.ts';
import { refuseBrowsers } from './origin/refuse-browsers.ts';
import { httpProblem } from './problems/errors.ts';

export const TICKET_PATH = '/ticket';

interface TicketOptions {
  readonly login: Login;
  /** Tickets of links that log a browser in. */
  readonly entryTickets: EntryTickets;
  readonly origins: Origins;
  /** A page has been given a ticket: its viewer is about to connect. */
  expectViewer(): void;
}

/**
 * Serves tickets, with which a page opens its WebSocket. Our page sends the cookie and the key of its session, or the
 * password that the browser remembers. A page of an allowed origin, such as noVNC there, sends a password or the ticket
 * of a link; the answer brings or renews a cookie.
 */
export async function serveTickets(
  app: FastifyInstance,
  { login, entryTickets, origins, expectViewer }: TicketOptions,
): Promise<void> {
  const serve = async (scope: FastifyInstance): Promise<void> => {
    allowPages(scope, origins);
    scope.setNotFoundHandler((request, reply) => app.refuseUnknown(request, reply));
    scope.post('', async (request, reply) => {
      refuseBrowsers(origins, request.raw);
      const user =
        entryTickets.callerOf(request.raw) ??
        (await login.byCookieOrPassword(request.raw, brokenOff(reply.raw).signal));
      const answered = giveTicket(user, request, reply, { login, origins });
      // The answer leaves first.
      setImmediate(expectViewer);
      return answered;
    });
  };
  await app.register(serve, { prefix: TICKET_PATH });
}

/** Answers a request for a ticket with one of this user. */
export function giveTicket(
  user: Caller,
  request: FastifyRequest,
  reply: FastifyReply,
  { login, origins }: Pick<TicketOptions, 'login' | 'origins'>,
): FastifyReply {
  request.user = user;
  request.pass = user.pass;
  if (!user.read) throw httpProblem('HTTP_NO_READ');
  const cookie = login.cookieFor(user, request.raw, origins.isFramed(request.raw));
  if (cookie !== undefined) reply.header('Set-Cookie', cookie);
  const body = {
    ticket: login.ticketFor(user, request.raw),
    expires_s: TICKET_LIFETIME_S,
    user: user.name,
    logged_in_by: login.meansOf(user, request.raw),
  };
  reply.header('Cache-Control', 'no-store');
  return reply.type('application/json').send(Buffer.from(JSON.stringify(body)));
}
