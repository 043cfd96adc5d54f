import type { FastifyInstance } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import type { Session } from '../session/session.ts';
import type { Call } from './call.ts';
import { desktopCalls } from './desktop.ts';
import { downloadCalls } from './downloads.ts';
import { openApiCalls } from './openapi.ts';
import { addRoutes } from './routes.ts';
import { screenshotCalls } from './screenshot.ts';
import { sessionCalls } from './sessions.ts';
import { statsCalls } from './stats.ts';
import { systemCalls } from './system.ts';
import { userCalls } from './users.ts';

export interface ApiOptions {
  readonly accounts: Accounts;
  readonly session: Session;
  /** The folder that `downloads` lists; by default that of the account the server runs as. */
  readonly downloadsFolder?: string;
}

/** Every call of the developer API. */
export function apiCalls({ accounts, session, downloadsFolder }: ApiOptions): Call[] {
  const calls = [
    ...statsCalls(session),
    ...screenshotCalls(session, accounts),
    ...userCalls(accounts),
    ...desktopCalls(session),
    ...sessionCalls(session),
    ...downloadCalls(downloadsFolder),
    ...systemCalls(),
  ];
  return [...calls, ...openApiCalls(calls)];
}

/** The developer API, to be handed to the HTTP server as its `api`. */
export function createApi(options: ApiOptions): (app: FastifyInstance) => void {
  return (app) => addRoutes(app, apiCalls(options));
}
