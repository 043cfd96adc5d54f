import type { FastifyInstance, FastifyReply } from 'fastify';

/** Asked by supervisors that end a process which does not answer. */
export const ALIVE_PATH = '/healthz';
const READY_PATH = '/readyz';
export const HEALTH_PATHS = [ALIVE_PATH, READY_PATH] as const;

export interface Health {
  /** Whether the process is about to end. */
  readonly isEnding: () => boolean;
  /** Whether the desktop answers. */
  readonly isReady: () => Promise<boolean>;
}

/**
 * Serves `/healthz` (the process runs) and `/readyz` (the desktop answers too), for load balancers and process
 * managers. Both need no login, so that they tell nothing but that: 200 `ok`, or 503.
 */
export function serveHealth(app: FastifyInstance, { isEnding, isReady }: Health): void {
  const checks = {
    [ALIVE_PATH]: async () => !isEnding(),
    [READY_PATH]: async () => !isEnding() && (await isReady()),
  };
  for (const [url, check] of Object.entries(checks)) {
    app.route({
      method: ['GET', 'HEAD'],
      url,
      handler: async (_request, reply) => answer(reply, await check()),
    });
  }
}

function answer(reply: FastifyReply, isWell: boolean): FastifyReply {
  return reply
    .code(isWell ? 200 : 503)
    .header('Cache-Control', 'no-store')
    .type('text/plain; charset=utf-8')
    .send(isWell ? 'ok' : 'unavailable');
}
