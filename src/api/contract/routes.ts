import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { parseBulkBody } from './bulk-body.ts';
import type { Answer, Call } from './call.ts';
import { parseParameters } from './parameters.ts';

/** Adds every call to `app`, whose hooks have let an owner through. */
export function addRoutes(app: FastifyInstance, calls: readonly Call[]): void {
  for (const call of calls) {
    app.route({
      method: call.method === 'GET' && !call.changes ? ['GET', 'HEAD'] : call.method,
      url: call.path,
      config: { changes: call.changes },
      handler: async (request, reply) => send(reply, await answer(call, request)),
    });
  }
}

async function answer(call: Call, request: FastifyRequest): Promise<Answer> {
  const { user, brokenOff } = request;
  if (user === undefined || brokenOff === undefined) throw new Error('a call was reached without a login');
  const url = request.raw.url ?? '';
  const queryAt = url.indexOf('?');
  const parameters = parseParameters(call.parameters, queryAt < 0 ? '' : url.slice(queryAt + 1));
  const body =
    call.body === undefined ? [] : parseBulkBody(call.body, request.body as Uint8Array | undefined);
  const ifNoneMatch = request.headers['if-none-match'];
  return call.handle({ user, parameters, body, ifNoneMatch, isHead: request.method === 'HEAD', brokenOff });
}

function send(reply: FastifyReply, { status, type, body, headers, onSent }: Answer): FastifyReply {
  reply.code(status);
  if (headers !== undefined) reply.headers(headers);
  if (type !== undefined) reply.type(type);
  if (onSent !== undefined) reply.raw.once('finish', onSent);
  // As bytes, since fastify adds a charset to the type of text, and JSON has none.
  return reply.send(typeof body === 'string' ? Buffer.from(body) : body);
}
