import type { FastifyInstance } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import type { User } from '../accounts/user.ts';
import { brokenOffSignal } from './broken-off.ts';
import type { Login } from './login/login.ts';
import type { LoginBlocks } from './login/login-blocks.ts';
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
  }
  interface FastifyInstance {
    /** Failed logins that make others wait, for the calls that show and end them. */
    loginBlocks: LoginBlocks;
  }
  interface FastifyRequest {
    /** The user who has logged in. A handler of a call below `/api` is reached by owners only. */
    user: User | undefined;
    /** The address that the caller came from. Empty outside `/api`. */
    address: string;
    /**
     * Aborts when the caller goes away before it has its answer, or loses the right to call. Undefined outside `/api`.
     */
    brokenOff: AbortSignal | undefined;
  }
}

export interface ApiScopeOptions {
  readonly accounts: Accounts;
  readonly login: Login;
  readonly origins: Origins;
  readonly peers: Peers;
  readonly api: (app: FastifyInstance) => void;
}

/** Serves the calls below `/api`. Checks the page's origin first, then the login, then the right of an owner. */
export async function serveApi(app: FastifyInstance, options: ApiScopeOptions): Promise<void> {
  const { accounts, login, origins, peers, api } = options;
  const running = new RunningCalls(accounts);
  app.addHook('onClose', async () => running.close());
  app.decorate('loginBlocks', login.blocks);
  app.decorateRequest('user');
  app.decorateRequest('address', '');
  app.decorateRequest('brokenOff');
  await app.register(
    async (scope) => {
      scope.removeAllContentTypeParsers();
      // Scripts send JSON with any content type. curl's default is that of a form. So all types are accepted.
      scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
      allowPages(scope, origins);
      scope.addHook('onRequest', async (request, reply) => {
        reply.header('Cache-Control', 'no-store');
        if (request.routeOptions.config.changes === true) refuseBrowsers(origins, request.raw);
        const brokenOff = brokenOffSignal(reply.raw);
        const user = await login.byPassword(request.raw, brokenOff);
        request.user = user;
        request.address = peers.address(request.raw);
        if (!user.owner) throw httpProblem('HTTP_NOT_OWNER');
        request.brokenOff = running.begin(user, reply.raw, brokenOff);
      });
      scope.setNotFoundHandler((request, reply) => app.refuseUnknown(request, reply));
      api(scope);
    },
    { prefix: '/api' },
  );
}
