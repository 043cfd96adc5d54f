import type { MetricFacts } from './metric-facts.ts';

/**
 * Viewers that have series of their own, those with the lowest seats. Each has two series. A larger number lets a flood
 * of viewers fill the database; a smaller one leaves viewers out, which are still counted as held up.
 */
export const MOST_VIEWERS_LISTED = 100;

/** A current number of get_bottleneck_stats below this holds a viewer up, as for events. */
const HELD_UP_BELOW = 5;

type Labels = Readonly<Record<string, string>>;

/** Values of one metric, each with its labels. */
type Samples = Iterable<readonly [labels: Labels, value: number]>;

/** One metric. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly labels: readonly string[];
  read(facts: MetricFacts): Samples;
}

/** Codes whose series begin at 0. The first burst of guesses would not count as an increase if it made its series. */
const REFUSED_LOGINS: readonly string[] = ['HTTP_LOGIN_NEEDED', 'HTTP_TOO_MANY_LOGINS'];

const NO_LABELS: Labels = {};

const one = (value: number): Samples => [[NO_LABELS, value]];

/** Every metric but the histograms. docs/metrics.md lists the same. */
export const FAMILIES: readonly Family[] = [
  gauge('deskwire_info', 'Version of the server. The value is always 1.', ['version'], ({ version }) => [
    [{ version }, 1],
  ]),
  gauge('deskwire_desktop_up', 'Whether the X server is there.', [], ({ session }) =>
    one(session.isDesktopUp ? 1 : 0),
  ),
  gauge('deskwire_viewers', 'Viewers that are connected.', [], ({ session }) => one(session.viewers.length)),
  gauge('deskwire_sessions', 'Users with one or more viewers.', [], ({ session }) =>
    one(new Set(session.viewers.map(({ user }) => user)).size),
  ),
  gauge(
    'deskwire_viewer_bottleneck',
    'Current numbers of get_bottleneck_stats, 0 to 10. A seat is a number that a connection keeps and the next one gets.',
    ['user', 'seat', 'number'],
    ({ session }) => {
      const listed = session.viewers.filter(({ seat }) => seat <= MOST_VIEWERS_LISTED);
      return listed.flatMap(({ user, seat, cpu, network }) => [
        [{ user, seat: String(seat), number: 'cpu' }, cpu] as const,
        [{ user, seat: String(seat), number: 'network' }, network] as const,
      ]);
    },
  ),
  gauge(
    'deskwire_viewers_held_up',
    'Viewers whose current number is below 5.',
    ['number'],
    ({ session: { viewers } }) => [
      [{ number: 'cpu' }, viewers.filter(({ cpu }) => cpu < HELD_UP_BELOW).length],
      [{ number: 'network' }, viewers.filter(({ network }) => network < HELD_UP_BELOW).length],
    ],
  ),
  counter('deskwire_frames_total', 'Frames that were captured and sent.', [], ({ session }) =>
    one(session.frames.stages.get('total')!.count),
  ),
  counter('deskwire_sent_bytes_total', 'Bytes of pictures sent to viewers.', ['encoding'], ({ session }) =>
    [...session.frames.sent].map(([encoding, { bytes }]) => [{ encoding }, bytes] as const),
  ),
  counter('deskwire_sent_rects_total', 'Rects sent to viewers.', ['encoding'], ({ session }) =>
    [...session.frames.sent].map(([encoding, { rects }]) => [{ encoding }, rects] as const),
  ),
  gauge('deskwire_encoder_threads', 'Encoder threads that run.', [], ({ session }) =>
    one(session.encoder.threads),
  ),
  gauge(
    'deskwire_encoder_rects',
    'Rects that encoder threads have, or that wait for one.',
    ['state'],
    ({ session: { encoder } }) => [
      [{ state: 'running' }, encoder.running],
      [{ state: 'waiting' }, encoder.waiting],
    ],
  ),
  gauge(
    'deskwire_event_loop_delay_seconds',
    'Delay of the main thread since the last answer. The first answer has none.',
    ['rank'],
    ({ delays }) =>
      delays === undefined
        ? []
        : [
            [{ rank: 'median' }, delays.p50],
            [{ rank: 'p99' }, delays.p99],
            [{ rank: 'max' }, delays.max],
          ],
  ),
  counter('deskwire_api_calls_total', 'Calls of the API, refused ones included.', ['call'], ({ counts }) => {
    const calls = new Map<string, number>();
    for (const { what, count } of counts.calls) calls.set(what, (calls.get(what) ?? 0) + count);
    return [...calls].map(([call, count]) => [{ call }, count] as const);
  }),
  counter(
    'deskwire_api_failures_total',
    'Calls of the API that were refused or broken off, by error code.',
    ['call', 'code'],
    ({ counts }) =>
      [...counts.calls]
        .filter(({ code }) => code !== '')
        .map(({ what, code, count }) => [{ call: what, code }, count] as const),
  ),
  counter(
    'deskwire_refused_logins_total',
    'Requests without a valid login, by error code. HTTP_TOO_MANY_LOGINS: somebody guesses passwords.',
    ['code'],
    ({ counts }) => {
      const byCode = new Map(REFUSED_LOGINS.map((code) => [code, 0]));
      for (const { code, count } of counts.refusedLogins) byCode.set(code, count);
      return [...byCode].map(([code, count]) => [{ code }, count] as const);
    },
  ),
  counter('deskwire_events_total', 'Events, by type.', ['type'], ({ events }) =>
    [...events.counts].map(([type, count]) => [{ type }, count] as const),
  ),
  gauge('deskwire_event_readers', 'Streams of events.', [], ({ readers }) => one(readers)),
  counter(
    'deskwire_webhook_events_total',
    'Events that a receiver has taken, attempts that failed, and events that it has missed.',
    ['receiver', 'outcome'],
    ({ webhooks }) =>
      webhooks.flatMap(({ place, counts }) =>
        (['delivered', 'failed', 'dropped'] as const).map(
          (outcome) => [{ receiver: String(place), outcome }, counts[outcome]] as const,
        ),
      ),
  ),
  gauge('deskwire_webhook_waiting', 'Events that wait for a receiver.', ['receiver'], ({ webhooks }) =>
    webhooks.map(({ place, waiting }) => [{ receiver: String(place) }, waiting] as const),
  ),
  gauge('deskwire_memory_bytes', 'Memory of the process.', ['kind'], ({ memory, session }) => [
    [{ kind: 'resident' }, memory.rss],
    [{ kind: 'heap_used' }, memory.heapUsed],
    [{ kind: 'heap_total' }, memory.heapTotal],
    [{ kind: 'external' }, memory.external],
    [{ kind: 'array_buffers' }, memory.arrayBuffers],
    [{ kind: 'shared_frame' }, session.frameBytes],
  ]),
  counter('process_cpu_seconds_total', 'CPU time of the process, in seconds.', [], ({ cpuS }) => one(cpuS)),
  gauge('process_start_time_seconds', 'Start of the process, in seconds since 1970.', [], ({ startedAtS }) =>
    one(startedAtS),
  ),
];

type Read = (facts: MetricFacts) => Samples;

function gauge(name: string, help: string, labels: readonly string[], read: Read): Family {
  return { name, help, type: 'gauge', labels, read };
}

function counter(name: string, help: string, labels: readonly string[], read: Read): Family {
  return { name, help, type: 'counter', labels, read };
}
