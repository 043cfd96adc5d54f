import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { ANSWER_HEADERS } from './answer-headers.ts';
import { type HttpErrorCode, httpProblem, PROBLEM_TYPE, Problem, problemBody, rawProblem } from './errors.ts';
import { innerProblem } from './inner-problems.ts';

/**
 * Time in which the answer that ends a connection must have been written, in milliseconds. A larger value keeps peers
 * that do not read; a smaller one cuts off the answer on slow links.
 */
const LAST_ANSWER_MS = 5000;

declare module 'fastify' {
  interface FastifyInstance {
    /** Answers 405 if the path has other methods, else 404. */
    refuseUnknown(request: FastifyRequest, reply: FastifyReply): FastifyReply;
  }
}

/** Gives every refusal and failure of `app` the form of RFC 9457. The caller adds its routes afterwards. */
export function answerProblems(app: FastifyInstance, log: Logger): void {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = methods.get(url) ?? new Set();
    for (const one of [method].flat()) known.add(one);
    methods.set(url, known);
  });
  app.decorate('refuseUnknown', (request: FastifyRequest, reply: FastifyReply) => {
    const path = pathOf(request.raw.url ?? '/');
    const known = methods.get(path) ?? [...methods].find(([url]) => hasForm(path, url))?.[1];
    if (known === undefined) return sendProblem(reply, httpProblem('HTTP_NOT_FOUND'));
    return sendProblem(
      reply,
      httpProblem('HTTP_METHOD', undefined, { headers: { Allow: [...known].join(', ') } }),
    );
  });
  app.setNotFoundHandler((request, reply) => app.refuseUnknown(request, reply));
  app.setErrorHandler((error, request, reply) => sendProblem(reply, toProblem(error, request, log)));
}

/** Whether a path is one of a route with placeholders, such as `/api/viewers/:id`. */
function hasForm(path: string, url: string): boolean {
  if (!url.includes('/:')) return false;
  const [parts, form] = [path.split('/'), url.split('/')];
  return (
    parts.length === form.length &&
    form.every((part, i) => (part.startsWith(':') ? parts[i] !== '' : part === parts[i]))
  );
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  // Node.js drops a body that was not read, so the connection can be used again.
  reply.removeHeader('connection');
  reply.refusal = problem;
  // An answer to HEAD has no body. Our page probes with it, and shows the reason.
  const isHead = reply.request.method === 'HEAD';
  if (isHead) reply.header('Deskwire-Code', problem.code);
  if (isHead && problem.detail !== problem.title)
    reply.header('Deskwire-Reason', encodeURIComponent(problem.detail.toWellFormed()));
  return reply
    .code(problem.status)
    .headers(ANSWER_HEADERS)
    .headers(problem.headers)
    .type(PROBLEM_TYPE)
    .send(Buffer.from(problemBody(problem)));
}

/** Codes of Node.js for a request that is refused for another reason than its form. */
const GARBAGE_CODES: Readonly<Record<string, HttpErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'HTTP_HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'HTTP_REQUEST_TIMED_OUT',
};

/** Answers bytes that could not be parsed as a request, then closes the connection. */
export function refuseGarbage(error: NodeJS.ErrnoException, socket: Socket): void {
  const isReset = error.code === 'ECONNRESET';
  // A socket without TLS keys can write nothing: its end would never come.
  const isWithoutKeys = error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT';
  if (!socket.writable || isReset || isWithoutKeys || isAnswering(socket)) {
    socket.destroy();
    return;
  }
  endWith(socket, httpProblem(GARBAGE_CODES[error.code ?? ''] ?? 'HTTP_BAD_REQUEST'));
}

/**
 * Whether an answer to an earlier request is being written: bytes of another one would be taken for a part of it.
 * Node.js asks the same way before it refuses bytes itself, and has no public way.
 */
function isAnswering(socket: Socket): boolean {
  const { _httpMessage: message } = socket as {
    readonly _httpMessage?: { readonly headersSent: boolean } | null;
  };
  return message?.headersSent === true;
}

/** Writes a refusal to a socket without a response object, and closes it, also if the peer does not read. */
export function endWith(socket: Duplex, problem: Problem): void {
  const timer = setTimeout(() => socket.destroy(), LAST_ANSWER_MS).unref();
  socket.once('close', () => clearTimeout(timer));
  socket.end(rawProblem(problem), () => socket.destroy());
}

/** Turns a thrown value into an answer. Logs faults of the server, and keeps their details from the caller. */
export function toProblem(error: unknown, request: FastifyRequest, log: Logger): Problem {
  if (error instanceof Problem) return error;
  const inner = innerProblem(error);
  // With status 503, the room that is unavailable has logged the reason.
  if (inner !== undefined && (inner.status < 500 || inner.status === 503)) return inner;
  const { code, statusCode } = error as Partial<FastifyError>;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return httpProblem('HTTP_BODY_TOO_LARGE');
  if (statusCode !== undefined && statusCode < 500) return httpProblem('HTTP_BAD_REQUEST');
  // A caller that closed its connection gets no answer. This is no failure.
  if (request.raw.socket.destroyed) return httpProblem('HTTP_INTERNAL');
  log.error({ err: error, method: request.method, path: loggedPath(request) }, 'Call failed');
  return inner ?? httpProblem('HTTP_INTERNAL');
}

/**
 * The path of a request for the log: that of its route. The address that was sent is never logged, because a caller may
 * have put a password into any part of it.
 */
export function loggedPath({ routeOptions }: FastifyRequest): string {
  return routeOptions.url ?? '(unknown)';
}

export function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}
