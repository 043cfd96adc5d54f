import { checkAnswer, readAnswer } from './answer.ts';
import { sdkError } from './errors.ts';
import { followEvents } from './events.ts';
import {
  type CallOptions,
  type ConnectOptions,
  type EventOptions,
  isCount,
  type Server,
  serverOf,
} from './options.ts';
import { type CallShape, outgoingCall } from './request.ts';
import { isPassing, waitBefore } from './retry.ts';
import { send, unreachable } from './send.ts';
import { pause, withLimit } from './time-limit.ts';

/**
 * Time in ms that an answer may take beyond the server's own limit, so that the server's refusal arrives first. A larger
 * value waits longer for a server that is gone; a smaller one breaks answers off on slow links.
 */
const GRACE_MS = 15_000;

/** Makes a client with a method for each of these calls. The types of the methods are made by the build. */
export function createClient(calls: Readonly<Record<string, CallShape>>, options: ConnectOptions): object {
  const server = serverOf(options);
  return Object.fromEntries(
    Object.entries(calls).map(([name, shape]) => {
      const method = shape.gives === 'events' ? streamOf : answerOf;
      return [
        name,
        (...given: unknown[]) => {
          const [input, callOptions] = shape.takes === undefined ? [undefined, given[0]] : given;
          return method(server, shape, input, callOptions ?? {});
        },
      ];
    }),
  );
}

/** Carries out a call, with its retries. */
async function answerOf(
  server: Server,
  shape: CallShape,
  input: unknown,
  { signal, timeoutMs = shape.limitMs + GRACE_MS, retries = server.retries }: CallOptions,
): Promise<unknown> {
  if (!isCount(retries) || !(timeoutMs > 0))
    throw sdkError('SDK_OPTIONS_INVALID', '`retries` must be 0 or more, and `timeoutMs` more than 0.');
  const call = outgoingCall(shape, input);
  const most = shape.changes ? 0 : retries;
  for (let failures = 0; ; ) {
    try {
      return await withLimit(timeoutMs, signal, async (limit) => {
        const response = await send(server, shape, call, limit);
        return await readWhole(response, shape, limit);
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (failures >= most || !isPassing(error)) throw error;
      failures++;
      await pause(waitBefore(failures, error.retryAfterMs, Math.random()), signal);
    }
  }
}

async function readWhole(response: Response, shape: CallShape, signal: AbortSignal): Promise<unknown> {
  try {
    await checkAnswer(response, shape);
    return await readAnswer(response, shape);
  } catch (error) {
    // What is left unread would keep the connection.
    response.body?.cancel().catch(() => undefined);
    throw unreachable(`${shape.method} /${shape.path}`, error, signal);
  }
}

/** Opens a stream of events. */
function streamOf(
  server: Server,
  shape: CallShape,
  input: unknown,
  { signal, reconnects }: EventOptions,
): ReturnType<typeof followEvents> {
  if (reconnects !== undefined && reconnects !== Number.POSITIVE_INFINITY && !isCount(reconnects))
    throw sdkError('SDK_OPTIONS_INVALID', '`reconnects` must be 0 or more.');
  const { last_event_id: begin, ...others } = (input ?? {}) as { readonly last_event_id?: string };
  return followEvents({
    ...{ signal, reconnects, lastEventId: begin },
    // A parameter instead of the header, which pages of other sites may not set.
    open: async (id, connection) => {
      const response = await send(
        server,
        shape,
        outgoingCall(shape, { ...others, last_event_id: id }),
        connection,
      );
      await checkAnswer(response, shape);
      return response;
    },
  });
}
