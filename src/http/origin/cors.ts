import type { FastifyInstance } from 'fastify';
import type { Origins } from './origins.ts';

/** How long a browser may remember that a page is allowed; Chromium keeps no longer than this anyway. */
const PREFLIGHT_SECONDS = '7200';

/** Lets the pages of allowed origins call what `app` serves, and read the answers. Other pages hear nothing. */
export function allowPages(app: FastifyInstance, origins: Origins): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('Vary', 'Origin');
    const origin = origins.allowed(request.raw);
    if (origin === undefined) return;
    reply.header('Access-Control-Allow-Origin', origin);
    reply.header('Access-Control-Allow-Credentials', 'true');
    reply.header('Access-Control-Expose-Headers', 'ETag');
    // A preflight asks before the password is sent, so it carries none.
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined)
      return;
    reply.header('Access-Control-Allow-Methods', 'GET, HEAD, POST');
    reply.header('Access-Control-Allow-Headers', 'Authorization, Content-Type, If-None-Match');
    reply.header('Access-Control-Max-Age', PREFLIGHT_SECONDS);
    return reply.code(204).send();
  });
}
