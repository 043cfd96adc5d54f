import type { FastifyInstance } from 'fastify';
import type { User } from '../accounts/user.ts';
import { brokenOffSignal } from './broken-off.ts';
import type { Login } from './login/login.ts';
import { allowPages } from './origin/cors.ts';
import type { Origins } from './origin/origins.ts';
import type { Peers } from './origin/peers.ts';
import { httpProblem } from './problems/errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the call changes something. Pages of other sites must not send such a call. */
    changes?: boolean;
  }
  interface FastifyRequest {
    /** The caller. Below `/api` always an owner, elsewhere undefined. */
    user: User | undefined;
    /** The address that the caller came from. Empty outside `/api`. */
    address: string;
    /** Aborts when the caller goes away before it has its answer. Undefined outside `/api`. */
    brokenOff: AbortSignal | undefined;
  }
}

export interface ApiScopeOptions {
  readonly login: Login;
  readonly origins: Origins;
  readonly peers: Peers;
  readonly api: (app: FastifyInstance) => void;
}

/** Serves the calls below `/api`. Checks the page's origin first, then the login, then the right of an owner. */
export async function serveApi(app: FastifyInstance, options: ApiScopeOptions): Promise<void> {
  const { login, origins, peers, api } = options;
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
        if (request.routeOptions.config.changes === true && origins.isForeign(request.raw)) {
          throw httpProblem('HTTP_FOREIGN_PAGE');
        }
        request.brokenOff = brokenOffSignal(reply.raw);
        const user = await login.byPassword(request.raw, request.brokenOff);
        if (!user.owner) throw httpProblem('HTTP_NOT_OWNER');
        request.user = user;
        request.address = peers.address(request.raw);
      });
      scope.setNotFoundHandler((request, reply) => app.refuseUnknown(request, reply));
      api(scope);
    },
    { prefix: '/api' },
  );
}
