import type { FastifyInstance } from 'fastify';
import type { User } from '../accounts/user.ts';
import { brokenOffSignal } from './broken-off.ts';
import type { Login } from './login/login.ts';
import { allowPages } from './origin/cors.ts';
import type { Origins } from './origin/origins.ts';
import { httpProblem } from './problems/errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the call changes something: a foreign page must not send it. */
    changes?: boolean;
  }
  interface FastifyRequest {
    /** Who calls; below `/api` always an owner, elsewhere undefined. */
    user: User | undefined;
    /** Below `/api`: aborts when the caller goes away before it has its answer. */
    brokenOff: AbortSignal | undefined;
  }
}

export interface ApiScopeOptions {
  readonly login: Login;
  readonly origins: Origins;
  readonly api: (app: FastifyInstance) => void;
}

/** Everything below `/api`: no foreign page, then who are you, then are you an owner, then the call. */
export async function serveApi(app: FastifyInstance, options: ApiScopeOptions): Promise<void> {
  const { login, origins, api } = options;
  app.decorateRequest('user');
  app.decorateRequest('brokenOff');
  await app.register(
    async (scope) => {
      scope.removeAllContentTypeParsers();
      // Scripts send JSON under any content type (curl's own is that of a form), so what it says decides nothing.
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
      });
      scope.setNotFoundHandler((request, reply) => app.refuseUnknown(request, reply));
      api(scope);
    },
    { prefix: '/api' },
  );
}
