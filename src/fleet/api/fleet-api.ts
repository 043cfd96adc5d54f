import type { FastifyInstance } from 'fastify';
import type { Accounts } from '../../accounts/accounts.ts';
import type { Call } from '../../api/contract/call.ts';
import { openApiCalls } from '../../api/contract/openapi.ts';
import { addRoutes } from '../../api/contract/routes.ts';
import { brokenOff } from '../../http/broken-off.ts';
import { requireScope } from '../../http/login/bearer-problems.ts';
import type { Login } from '../../http/login/login.ts';
import type { Origins } from '../../http/origin/origins.ts';
import type { Peers } from '../../http/origin/peers.ts';
import { refuseBrowsers } from '../../http/origin/refuse-browsers.ts';
import type { FleetEvents } from '../events/fleet-events.ts';
import type { FleetLogins } from '../logins/fleet-logins.ts';
import type { DesktopCallOptions } from './call-options.ts';
import type { ConfirmOptions } from './confirm.ts';
import { desktopCalls } from './desktop-calls.ts';
import { eventCalls } from './event-calls.ts';
import { groupCalls } from './group-calls.ts';
import { hostCalls } from './host-calls.ts';
import { logCalls } from './log-calls.ts';
import { templateCalls } from './template-calls.ts';
import { type GlanceSource, thumbnailCalls } from './thumbnail-calls.ts';
import { ticketCalls } from './ticket-calls.ts';
import { tokenCalls } from './token-calls.ts';
import { userCalls } from './user-calls.ts';
import { viewerCalls } from './viewer-calls.ts';

export interface FleetApiOptions extends DesktopCallOptions, ConfirmOptions {
  readonly glances: GlanceSource;
  readonly accounts: Accounts;
  readonly login: Login;
  readonly logins: FleetLogins;
  readonly events: FleetEvents;
  readonly origins: Origins;
  readonly peers: Peers;
}

/** All calls of the fleet's API. Each looks for the rights of its caller in the state that it changes. */
function fleetCalls(options: FleetApiOptions): Call[] {
  const { store, accounts, logins } = options;
  const calls = [
    ...desktopCalls(options),
    ...viewerCalls(options),
    ...logCalls(options),
    ...hostCalls(options),
    ...thumbnailCalls(store, options.glances),
    ...templateCalls(store),
    ...userCalls(options, accounts),
    ...groupCalls(options),
    ...tokenCalls(logins.tokens, options),
    ...ticketCalls(logins.tickets, options),
    ...eventCalls(options.events),
  ].map(withScope);
  const callers = {
    basic: 'A user of the fleet',
    token: 'A token of the fleet, as POST /api/tokens makes it',
  };
  return [...calls, ...openApiCalls(calls, { summary: 'Fleet API', callers })];
}

/** A token needs a scope for all that changes something. */
const withScope = (call: Call): Call =>
  call.changes && call.scope === 'any' ? { ...call, scope: 'desktops' } : call;

/** Serves the calls below `/api` for the users of the fleet. */
export async function serveFleetApi(app: FastifyInstance, options: FleetApiOptions): Promise<void> {
  const { login, origins, peers } = options;
  await app.register(
    async (scope) => {
      scope.removeAllContentTypeParsers();
      // As for the calls of a desktop: scripts send JSON with any content type.
      scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
      scope.addHook('onRequest', async (request, reply) => {
        reply.header('Cache-Control', 'no-store');
        if (request.routeOptions.config.changes === true) refuseBrowsers(origins, request.raw);
        const { signal } = brokenOff(reply.raw);
        const caller = await login.byTokenOrPassword(request.raw, signal);
        requireScope(caller, request.routeOptions.config.scope ?? 'any');
        request.user = caller;
        request.pass = caller.pass;
        request.address = peers.address(request.raw);
        request.brokenOff = signal;
      });
      scope.setNotFoundHandler((request, reply) => app.refuseUnknown(request, reply));
      addRoutes(scope, fleetCalls(options));
    },
    { prefix: '/api' },
  );
}
