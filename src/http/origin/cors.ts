import type { FastifyInstance } from 'fastify';
import type { Origins } from './origins.ts';

/** Time for which a browser may remember that a page is allowed. Chromium's maximum. Smaller means more preflights. */
const PREFLIGHT_SECONDS = '7200';

/** Lets pages of allowed origins call what `app` serves and read the answers. Other pages cannot read them. */
export function allowPages(app: FastifyInstance, origins: Origins): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('Vary', 'Origin');
    const origin = origins.allowed(request.raw);
    if (origin === undefined) return done();
    reply.header('Access-Control-Allow-Origin', origin);
    reply.header('Access-Control-Allow-Credentials', 'true');
    reply.header('Access-Control-Expose-Headers', 'ETag');
    // A preflight carries no password, because the browser sends it before the call.
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined)
      return done();
    reply.header('Access-Control-Allow-Methods', 'GET, HEAD, POST, PUT, DELETE');
    reply.header('Access-Control-Allow-Headers', 'Authorization, Content-Type, If-None-Match');
    reply.header('Access-Control-Max-Age', PREFLIGHT_SECONDS);
    // Nothing comes after this answer.
    reply.code(204).send();
  });
}
