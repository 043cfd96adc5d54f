import type { FastifyInstance } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import type { Tokens } from '../accounts/tokens.ts';
import type { AuditCounts } from '../audit/audit-counts.ts';
import type { EventLog } from '../events/event-log.ts';
import type { EntryTickets } from '../http/login/entry-tickets.ts';
import type { LoginBlocks } from '../http/login/login-blocks.ts';
import type { Session } from '../session/session.ts';
import { clipboardCalls } from './calls/clipboard.ts';
import { desktopCalls } from './calls/desktop.ts';
import { downloadCalls } from './calls/downloads.ts';
import { eventCalls } from './calls/events.ts';
import { loginBlockCalls } from './calls/login-blocks.ts';
import { metricsCalls } from './calls/metrics.ts';
import { screenshotCalls } from './calls/screenshot.ts';
import { sessionCalls } from './calls/sessions.ts';
import { statsCalls } from './calls/stats.ts';
import { systemCalls } from './calls/system.ts';
import { ticketCalls } from './calls/tickets.ts';
import { tokenCalls } from './calls/tokens.ts';
import { userCalls } from './calls/users.ts';
import { viewerCalls } from './calls/viewers.ts';
import type { Call } from './contract/call.ts';
import { openApiCalls } from './contract/openapi.ts';
import { addRoutes } from './contract/routes.ts';
import { EventReaders } from './events/event-readers.ts';
import { EventLoopDelay } from './metrics/event-loop-delay.ts';
import type { MetricSources } from './metrics/metric-facts.ts';

export interface ApiOptions {
  readonly accounts: Accounts;
  readonly tokens: Tokens;
  readonly session: Session;
  readonly events: EventLog;
  readonly counts: AuditCounts;
  /** The receivers of events. By default there are none. */
  readonly webhooks?: MetricSources['webhooks'];
  /** The folder of another user that `downloads` lists. Default: the Downloads folder of the server's own account. */
  readonly downloadsFolder?: string;
}

/** All calls of the developer API. */
function apiCalls(
  { accounts, tokens, session, downloadsFolder }: ApiOptions,
  sources: MetricSources,
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
    ...viewerCalls(session),
    ...clipboardCalls(session),
    ...downloadCalls(downloadsFolder),
    ...systemCalls(),
    ...eventCalls(sources.readers),
    ...metricsCalls(sources),
  ];
  return [...calls, ...openApiCalls(calls)];
}

/** All calls without a server behind them, for programs that only read what the calls say of themselves. */
export function describedCalls(): readonly Call[] {
  const nothing = {} as never;
  const options = { accounts: { on: () => undefined } as never, tokens: nothing, session: nothing };
  return apiCalls({ ...options, events: nothing, counts: nothing }, nothing, nothing);
}

/** Creates the developer API, for the option `api` of the HTTP server. */
export function createApi(options: ApiOptions): (app: FastifyInstance) => void {
  return (app) => {
    const readers = new EventReaders(options.events);
    const loop = new EventLoopDelay();
    // A stream has no end of its own, for which the server would wait.
    app.addHook('preClose', async () => {
      readers.close();
      loop.close();
    });
    addRoutes(app, apiCalls(options, { webhooks: () => [], ...options, readers, loop }, app));
  };
}
