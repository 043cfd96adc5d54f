import type { FastifyInstance } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import type { Tokens } from '../accounts/tokens.ts';
import type { EntryTickets } from '../http/login/entry-tickets.ts';
import type { LoginBlocks } from '../http/login/login-blocks.ts';
import type { Session } from '../session/session.ts';
import { desktopCalls } from './calls/desktop.ts';
import { downloadCalls } from './calls/downloads.ts';
import { loginBlockCalls } from './calls/login-blocks.ts';
import { screenshotCalls } from './calls/screenshot.ts';
import { sessionCalls } from './calls/sessions.ts';
import { statsCalls } from './calls/stats.ts';
import { systemCalls } from './calls/system.ts';
import { ticketCalls } from './calls/tickets.ts';
import { tokenCalls } from './calls/tokens.ts';
import { userCalls } from './calls/users.ts';
import type { Call } from './contract/call.ts';
import { openApiCalls } from './contract/openapi.ts';
import { addRoutes } from './contract/routes.ts';

export interface ApiOptions {
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly session: Session;
  /** The folder of another user that `downloads` lists. Default: the Downloads folder of the server's own account. */
  readonly downloadsFolder?: string;
}

/** All calls of the developer API. */
function apiCalls(
  { accounts, tokens, session, downloadsFolder }: ApiOptions,
  { loginBlocks, entryTickets }: { loginBlocks: LoginBlocks; entryTickets: EntryTickets },
): Call[] {
  const calls = [
    ...statsCalls(session),
    ...screenshotCalls(session, accounts),
    ...userCalls(accounts),
    ...loginBlockCalls(loginBlocks),
    ...tokenCalls(tokens),
    ...ticketCalls(entryTickets, accounts),
    ...desktopCalls(session),
    ...sessionCalls(session),
    ...downloadCalls(downloadsFolder),
    ...systemCalls(),
  ];
  return [...calls, ...openApiCalls(calls)];
}

/** Creates the developer API, for the option `api` of the HTTP server. */
export function createApi(options: ApiOptions): (app: FastifyInstance) => void {
  return (app) => addRoutes(app, apiCalls(options, app));
}
