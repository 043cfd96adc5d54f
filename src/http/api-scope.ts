import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import type { Caller, Pass } from '../accounts/pass.ts';
import type { CallScope } from '../accounts/scopes.ts';
import type { Tokens } from '../accounts/tokens.ts';
import type { User } from '../accounts/user.ts';
import { brokenOff } from './broken-off.ts';
import { requireScope } from './login/bearer-problems.ts';
import type { EntryTickets } from './login/entry-tickets.ts';
import type { Login } from './login/login.ts';
import type { LoginBlocks } from './login/login-blocks.ts';
import { askedOriginText } from './origin/asked-origin.ts';
import { allowPages } from './origin/cors.ts';
import type { Origins } from './origin/origins.ts';
import type { Peers } from './origin/peers.ts';
import { refuseBrowsers } from './origin/refuse-browsers.ts';
import { httpProblem } from './problems/errors.ts';
import { RunningCalls } from './running-calls.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the call changes something. Of browsers, only our page and allowed ones send it. */
    changes?: boolean;
    /** The scope that a token needs for the call. */
    scope?: CallScope;
  }
  interface FastifyInstance {
    /** Failed logins that make others wait, for the calls that show and end them. */
    loginBlocks: LoginBlocks;
    /** Tickets that log browsers in, for the calls that make and revoke them. */
    entryTickets: EntryTickets;
  }
  interface FastifyRequest {
    /** The user who has logged in. A handler of a call below `/api` is reached by owners only. */
    user: User | undefined;
    /** The token, ticket or session of the user. Undefined for a password or a proxy. */
    pass: Pass | undefined;
    /** The address that the caller came from. Empty outside `/api`. */
    address: string;
    /** The server's address as the caller knows it, without a slash at the end. Found out each time it is read. */
    readonly baseUrl: string;
    /**
     * Aborts when the caller goes away before it has its answer, or loses the right to call. Undefined outside `/api`.
     */
    brokenOff: AbortSignal | undefined;
  }
}

export interface ApiScopeOptions {
  readonly accounts: Accounts;
  readonly login: Login;
  /** By default no token is valid. */
  readonly tokens: Tokens | undefined;
  readonly entryTickets: EntryTickets;
  /** Path below which a proxy shows the server. */
  readonly basePath: string | undefined;
  readonly origins: Origins;
  readonly peers: Peers;
  readonly api: (app: FastifyInstance) => void;
}

/** Serves the calls below `/api`. Checks the page's origin first, then the login, then the right of an owner. */
export async function serveApi(app: FastifyInstance, options: ApiScopeOptions): Promise<void> {
  const { accounts, login, tokens, origins, peers, api } = options;
  const running = new RunningCalls(accounts, tokens, login.sessions);
  app.addHook('onClose', async () => running.close());
  app.decorate('loginBlocks', login.blocks);
  app.decorate('entryTickets', options.entryTickets);
  decorateRequests(app, peers, options.basePath);
  await app.register(
    async (scope) => {
      scope.removeAllContentTypeParsers();
      // Scripts send JSON with any content type. curl's default is that of a form. So all types are accepted.
      scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
      allowPages(scope, origins);
      const admit = (
        caller: Caller,
        request: FastifyRequest,
        reply: FastifyReply,
        abort: AbortController,
      ) => {
        // As the accounts know the user, and not with the rights that a token leaves to viewers.
        const isAsKnown = caller.pass === undefined || caller.pass.kind === 'edge';
        const user = isAsKnown ? caller : (accounts.get(caller.name) ?? caller);
        request.user = user;
        request.pass = caller.pass;
        request.address = peers.address(request.raw);
        if (!user.owner) throw httpProblem('HTTP_NOT_OWNER');
        requireScope(caller, request.routeOptions.config.scope ?? 'any');
        running.begin(user, reply.raw, abort, caller.pass);
        request.brokenOff = abort.signal;
      };
      scope.addHook('onRequest', (request, reply, done) => {
        reply.header('Cache-Control', 'no-store');
        if (request.routeOptions.config.changes === true) refuseBrowsers(origins, request.raw);
        const abort = brokenOff(reply.raw);
        const caller = login.byTokenOrPassword(request.raw, abort.signal);
        // Most calls come over a connection that has logged in: no promise is made for them.
        if (caller instanceof Promise) return caller.then((one) => admit(one, request, reply, abort));
        admit(caller, request, reply, abort);
        done();
        return undefined;
      });
      scope.setNotFoundHandler((request, reply) => app.refuseUnknown(request, reply));
      api(scope);
    },
    { prefix: '/api' },
  );
}

/** Gives requests the fields in which calls find who has sent them. */
export function decorateRequests(app: FastifyInstance, peers: Peers, basePath: string | undefined): void {
  app.decorateRequest('user');
  app.decorateRequest('pass');
  app.decorateRequest('baseUrl', {
    getter(): string {
      return `${askedUrl(peers, this.raw)}${basePath ?? ''}`;
    },
  });
  app.decorateRequest('address', '');
  app.decorateRequest('brokenOff');
}

/** The origin of the URL that a caller asked for. A proxy that does not name its scheme most likely has TLS. */
function askedUrl(peers: Peers, request: IncomingMessage): string {
  const asked = peers.originAsked(request);
  const scheme = asked.scheme ?? (peers.isProxied(request) ? 'https' : 'http');
  return askedOriginText({ ...asked, scheme }) ?? '';
}
