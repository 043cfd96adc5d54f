import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Caller } from '../accounts/pass.ts';
import { brokenOff } from './broken-off.ts';
import { bearerText } from './login/bearer-credentials.ts';
import { ticketInvalid } from './login/bearer-problems.ts';
import { type EntryTickets, isEntryTicket } from './login/entry-tickets.ts';
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
}

/**
 * Serves tickets, with which a page opens its WebSocket. Our page sends its cookie or the password that the browser
 * remembers, and so does a page of an allowed origin, such as noVNC there. An answer brings or renews the cookie, so
 * that our login form logs in by this as well. A browser that opened a link with a ticket sends that ticket here.
 */
export async function serveTickets(
  app: FastifyInstance,
  { login, entryTickets, origins }: TicketOptions,
): Promise<void> {
  /** Whom the ticket of a link logs in, if the request carries one. */
  const byEntryTicket = (request: IncomingMessage): Caller | undefined => {
    const text = bearerText(request);
    if (text === undefined || !isEntryTicket(text)) return undefined;
    const caller = entryTickets.take(text);
    if (caller === undefined) throw ticketInvalid();
    return caller;
  };
  const serve = async (scope: FastifyInstance): Promise<void> => {
    allowPages(scope, origins);
    scope.setNotFoundHandler((request, reply) => app.refuseUnknown(request, reply));
    scope.post('', async (request, reply) => {
      refuseBrowsers(origins, request.raw);
      const user =
        byEntryTicket(request.raw) ??
        (await login.byCookieOrPassword(request.raw, brokenOff(reply.raw).signal));
      request.user = user;
      request.pass = user.pass;
      if (!user.read) throw httpProblem('HTTP_NO_READ');
      const cookie = login.cookieFor(user, request.raw, origins.isFramed(request.raw));
      if (cookie !== undefined) reply.header('Set-Cookie', cookie);
      const body = { ticket: login.ticketFor(user, request.raw), expires_s: TICKET_LIFETIME_S };
      reply.header('Cache-Control', 'no-store');
      return reply.type('application/json').send(Buffer.from(JSON.stringify(body)));
    });
  };
  await app.register(serve, { prefix: TICKET_PATH });
}
