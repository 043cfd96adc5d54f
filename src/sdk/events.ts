import type { ReceivedEvent } from '../events/event.ts';
import { sdkError } from './errors.ts';
import { EventParser } from './event-parser.ts';
import { isPassing, waitBefore } from './retry.ts';
import { unreachable } from './send.ts';
import { pause, withLimit } from './time-limit.ts';

/**
 * Silence after which a connection counts as lost, in ms: the server sends something every 15 s. A larger value notices
 * later that the server is gone, and a smaller one breaks slow links. The server keeps events for a minute.
 */
const SILENCE_MS = 40_000;

/** Failed attempts to connect again. A larger number waits longer for a server that is gone for good. */
const MOST_RECONNECTS = 20;

/** Wait before a new connection in ms, until the server says how long. */
const FIRST_RETRY_MS = 2000;

/** Opens a stream with the events behind one, or with those from now on. Resolves with a checked answer. */
type OpenStream = (lastEventId: string | undefined, signal: AbortSignal) => Promise<Response>;

interface FollowOptions {
  readonly open: OpenStream;
  readonly lastEventId: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly reconnects: number | undefined;
}

/**
 * The events of the server, for as long as the caller takes them. Connects again when the connection is lost, and goes
 * on behind the last event that the caller has got. Reads only what the caller asks for, so that a slow caller has no
 * queue: what it does not take in time, the server leaves out, and says so by an event `missed`.
 */
export async function* followEvents(options: FollowOptions): AsyncGenerator<ReceivedEvent, void, undefined> {
  const { open, signal, reconnects = MOST_RECONNECTS } = options;
  let { lastEventId } = options;
  let retryMs = FIRST_RETRY_MS;
  let hasBegun = false;
  for (let failures = 0; ; ) {
    const parser = new EventParser();
    let retryAfterMs: number | undefined;
    try {
      for await (const event of oneStream(open, lastEventId, signal, parser)) {
        hasBegun = true;
        failures = 0;
        lastEventId = event.id;
        yield event;
      }
      if (failures >= reconnects) return;
    } catch (error) {
      signal?.throwIfAborted();
      // What fails at once is a mistake in the options, or a server that does not run.
      if (!hasBegun || failures >= reconnects || !isPassing(error)) throw error;
      retryAfterMs = error.retryAfterMs;
    }
    retryMs = parser.retryMs ?? retryMs;
    failures++;
    await pause(waitBefore(failures, retryAfterMs, Math.random(), retryMs), signal);
  }
}

/** The events of one connection, until the server ends it. */
async function* oneStream(
  open: OpenStream,
  lastEventId: string | undefined,
  signal: AbortSignal | undefined,
  parser: EventParser,
): AsyncGenerator<ReceivedEvent, void, undefined> {
  const connection = new AbortController();
  try {
    const response = await withLimit(SILENCE_MS, signal, () => open(lastEventId, connection.signal));
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    const read = () =>
      reader?.read().catch((error: unknown) => {
        throw unreachable('GET /api/events', error, connection.signal);
      });
    for (;;) {
      const piece = await withLimit(SILENCE_MS, signal, async () => read());
      if (piece === undefined || piece.done) return;
      for (const data of parser.push(decoder.decode(piece.value, { stream: true }))) yield eventOf(data);
    }
  } finally {
    connection.abort();
  }
}

function eventOf(data: string): ReceivedEvent {
  let event: Partial<ReceivedEvent> | null = null;
  try {
    event = JSON.parse(data);
  } catch {
    // The error below says the same.
  }
  if (typeof event?.id === 'string' && typeof event.type === 'string') return event as ReceivedEvent;
  throw sdkError('SDK_ANSWER_INVALID', 'The stream has something that is no event of this API.');
}
