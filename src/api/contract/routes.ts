import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { firstAbort } from '../../common/first-abort.ts';
import { parseBulkBody } from './bulk-body.ts';
import type { Answer, BodySchema, Call, CallContext } from './call.ts';
import { apiProblem } from './errors.ts';
import { namedUsers } from './named-users.ts';
import { parseObjectBody } from './object-body.ts';
import { parseOneOrList } from './one-or-list.ts';
import { parseParameters } from './parameters.ts';

/**
 * Time limit of a call that sets none of its own. With a larger one a caller waits longer for a desktop that hangs; a
 * smaller one fails calls on a loaded machine. The session's own limits are shorter.
 */
const DEFAULT_LIMIT_MS = 30_000;

/** How long a call may take, in ms, before its handler is stopped. */
export const limitOf = ({ limitMs = DEFAULT_LIMIT_MS }: Pick<Call, 'limitMs'>): number => limitMs;

/** Time that a handler gets to stop after its limit. A change that is being written still gets its true answer. */
const STOP_MS = 2_000;

const NO_BYTES = new Uint8Array(0);

/** Adds a route for each call. `app` has hooks that let only owners through. */
export function addRoutes(app: FastifyInstance, calls: readonly Call[]): void {
  for (const call of calls) {
    app.route({
      method: call.method === 'GET' && !call.changes ? ['GET', 'HEAD'] : call.method,
      url: urlOf(call.path),
      config: { changes: call.changes, scope: call.scope },
      ...(call.content && { bodyLimit: call.content.maxBytes }),
      handler: (request, reply) => {
        // Fastify takes `/viewers/` for a path with an empty id.
        if (Object.values(request.params as object).includes('')) return app.refuseUnknown(request, reply);
        const answered = answer(call, request);
        if (answered instanceof Promise) return answered.then((one) => send(reply, one));
        // Fastify would wait for a reply that is returned as it does for a promise.
        send(reply, answered);
        return undefined;
      },
    });
  }
}

/** The path of a call as fastify writes it: `{id}` is `:id`. */
const urlOf = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

function answer(call: Call, request: FastifyRequest): Answer | Promise<Answer> {
  const { user, pass, address, brokenOff } = request;
  if (user === undefined || brokenOff === undefined) throw new Error('a call was reached without a login');
  const url = request.raw.url ?? '';
  const queryAt = url.indexOf('?');
  const parameters = parseParameters(call.parameters, queryAt < 0 ? '' : url.slice(queryAt + 1));
  const place = request.params as Record<string, string>;
  const bytes = (request.body as Uint8Array | undefined) ?? NO_BYTES;
  const body = parseBody(call.body, call.isBodyOptional === true, bytes);
  if (call.changes) request.namedUsers = namedUsers(parameters, Array.isArray(body) ? body : []);
  const ifNoneMatch = request.headers['if-none-match'];
  const lastEventId = request.headers['last-event-id']?.toString();
  const isHead = request.method === 'HEAD';
  const facts = { user, pass, address, place, parameters, body: body as unknown[], bytes };
  const baseUrl = (): string => request.baseUrl;
  return handleInTime(call, { ...facts, baseUrl, ifNoneMatch, lastEventId, isHead }, brokenOff);
}

function parseBody(schema: BodySchema | undefined, isOptional: boolean, bytes: Uint8Array): object {
  if (schema === undefined || (isOptional && bytes.length === 0)) return [];
  if ('anyOf' in schema) return parseOneOrList(schema, bytes) as object;
  return 'items' in schema ? parseBulkBody(schema, bytes) : parseObjectBody(schema, bytes);
}

/**
 * Runs a call's handler. Returns its answer at once if the handler does. Otherwise aborts its signal at the call's time
 * limit, and rejects with API_TIMED_OUT if the handler then stops, or does not end soon after. When `brokenOff` aborts,
 * rejects with its reason: at once if the call only reads, and when the handler has stopped if it changes something. A
 * change that is made all the same has its true answer.
 */
export function handleInTime(
  call: Call,
  context: Omit<CallContext, 'signal'>,
  brokenOff: AbortSignal,
): Answer | Promise<Answer> {
  brokenOff.throwIfAborted();
  const limit = new AbortController();
  let signal: AbortSignal | undefined;
  const handled = call.handle({
    ...context,
    // Made for the few handlers that ask for it: signals and their listeners cost more than most calls.
    get signal() {
      signal ??= firstAbort([brokenOff, limit.signal]);
      return signal;
    },
  });
  return handled instanceof Promise ? endInTime(call, handled, limit, brokenOff) : handled;
}

function endInTime(
  call: Call,
  handled: Promise<Answer>,
  limit: AbortController,
  brokenOff: AbortSignal,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const leave = (): void => reject(brokenOff.reason);
  if (!call.changes) brokenOff.addEventListener('abort', leave, { once: true });
  let timer = setTimeout(() => {
    timer = setTimeout(() => reject(apiProblem('API_TIMED_OUT')), STOP_MS);
    limit.abort();
  }, limitOf(call));
  const end = (): void => {
    clearTimeout(timer);
    brokenOff.removeEventListener('abort', leave);
  };
  handled.then(resolve, (error: unknown) => {
    if (brokenOff.aborted && isAbort(error)) reject(brokenOff.reason);
    else if (limit.signal.aborted && isAbort(error)) reject(apiProblem('API_TIMED_OUT'));
    else reject(error);
  });
  promise.then(end, end);
  return promise;
}

const asItIs = (body: unknown): string => body as string;

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

function send(reply: FastifyReply, { status, type, body, stream, headers, onSent }: Answer): FastifyReply {
  reply.code(status);
  if (headers !== undefined) reply.headers(headers);
  if (type !== undefined) reply.type(type);
  if (onSent !== undefined) reply.raw.once('finish', onSent);
  if (stream !== undefined) {
    reply.goesOn = true;
    return reply.send(stream);
  }
  // With a serializer, because fastify otherwise adds a charset to the type of a text, and JSON has none. A text is
  // written together with the headers, bytes are not.
  return reply.serializer(asItIs).send(body);
}
