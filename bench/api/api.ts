import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Size } from '../../src/pixels/rect.ts';
import { type Child, forkChild } from '../ipc.ts';
import { startDeskwirePeer } from '../peers/deskwire.ts';
import type { ViewerTarget } from '../peers/peer.ts';
import { createRig, type Rig } from '../rig.ts';
import { median, percentile } from '../statistics.ts';
import { MEMORY_WORKLOAD } from '../workloads.ts';
import type { Call } from './keep-alive-caller.ts';
import type { Load, LoadCalls, LoadResult } from './load-process.ts';

/** What one kind of call costs. */
export interface ApiResult {
  readonly name: string;
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly bytesPerCall: number;
  /** CPU of all the server's processes for a call, in ms. Undefined while a film takes CPU, too. */
  readonly cpuMsPerCall: number | undefined;
}

/** A bulk call of many users, beside a viewer of a film. */
interface BulkResult {
  readonly users: number;
  readonly seconds: number;
  /** Time of the call, divided by that of as many hashes on all cores. */
  readonly overHashes: number;
  /** p99 of the viewer's frames with the call, minus that without it, in ms. */
  readonly frameDelayMs: number;
}

export interface ApiResults {
  readonly calls: readonly ApiResult[];
  readonly bulk: BulkResult | undefined;
}

const SECONDS = 4;
const CONNECTIONS = 8;
/** Viewers of the film beside which statistics are asked for. */
const VIEWERS = 8;
/** Statistics calls a second beside viewers. More of them would take the viewers' CPU. */
const STATISTICS_PER_SECOND = 60;
const FILM = MEMORY_WORKLOAD;
const WARM_UP_SECONDS = 2;
/** Seconds in which viewers connect, before the warm-up. */
const CONNECT_SECONDS = 1.5;
const BULK_USERS = 200;
/** Users made one after the other, to know what a hash takes. */
const SINGLE_USERS = 8;
const PASSWORD = 'a password of the bench';

const get = (path: string): Call => ({ path: `/api/${path}` });
const STATISTICS: readonly Call[] = [
  get('get_bottleneck_stats'),
  get('get_sessions'),
  get('get_frame_stats?client=none'),
];

interface Kind {
  readonly name: string;
  readonly calls: readonly Call[];
  readonly connections: number;
  readonly perSecond?: number;
  /** Viewers of a film at the same time. */
  readonly viewers: number;
}

/** Each call of one kind, beside a still screen unless it has viewers of a film. */
const KINDS: readonly Kind[] = [
  { name: 'bottleneck', calls: [get('get_bottleneck_stats')], connections: CONNECTIONS, viewers: 0 },
  { name: 'users', calls: [get('get_users')], connections: CONNECTIONS, viewers: 0 },
  { name: 'screenshot', calls: [get('get_screenshot')], connections: CONNECTIONS, viewers: 0 },
  { name: 'screenshot-png', calls: [get('get_screenshot?format=png')], connections: CONNECTIONS, viewers: 0 },
  { name: 'screenshot-moving', calls: [get('get_screenshot?width=480')], connections: 2, viewers: 1 },
  { name: 'frame-stats', calls: [get('get_frame_stats?client=none')], connections: 1, viewers: 1 },
  {
    name: 'statistics',
    calls: STATISTICS,
    connections: 1,
    perSecond: STATISTICS_PER_SECOND,
    viewers: VIEWERS,
  },
  { name: 'metrics', calls: [{ path: '/metrics' }], connections: 1, perSecond: 10, viewers: VIEWERS },
];

/** Measures the rate and the cost of API calls, on one server of its own. */
export async function measureApi(size: Size): Promise<ApiResults> {
  const rig = await createRig(startDeskwirePeer, size);
  const load = forkChild<LoadCalls>(new URL('./load-process.ts', import.meta.url));
  try {
    const calls: ApiResult[] = [];
    for (const kind of KINDS) {
      calls.push(await measureKind(rig, load, kind));
      console.error(formatCall(calls.at(-1)!));
    }
    return { calls, bulk: await measureBulk(rig, load) };
  } finally {
    await load.close();
    await rig.close();
  }
}

async function measureKind(rig: Rig, load: Child<LoadCalls>, kind: Kind): Promise<ApiResult> {
  const { name, viewers, ...rest } = kind;
  const wanted: Load = { ...rest, seconds: SECONDS };
  const before = rig.cpuSeconds();
  const { result } =
    viewers === 0
      ? { result: await load.calls.run(targetOf(rig), wanted) }
      : await besideFilm(rig, viewers, SECONDS, () => load.calls.run(targetOf(rig), wanted));
  const cpuSeconds = rig.cpuSeconds() - before;
  const { ms, seconds, bytes } = result;
  return {
    name,
    callsPerSecond: ms.length / seconds,
    p50Ms: percentile(ms, 0.5) ?? Number.NaN,
    p99Ms: percentile(ms, 0.99) ?? Number.NaN,
    bytesPerCall: bytes / ms.length,
    cpuMsPerCall: viewers === 0 ? (cpuSeconds * 1000) / ms.length : undefined,
  };
}

/** Does something while viewers watch a film. Resolves with its result, and the p99 of the frames of one viewer. */
async function besideFilm<T>(
  rig: Rig,
  viewers: number,
  seconds: number,
  act: () => Promise<T>,
): Promise<{ result: T; frameMs: number }> {
  const times = { warmUpSeconds: WARM_UP_SECONDS, seconds: seconds + CONNECT_SECONDS };
  const round = rig.runCrowd(FILM, times, viewers - 1);
  const [result, { numbers }] = await Promise.all([
    sleep((CONNECT_SECONDS + WARM_UP_SECONDS) * 1000).then(act),
    round,
  ]);
  return { result, frameMs: numbers.p99Ms ?? Number.POSITIVE_INFINITY };
}

async function measureBulk(rig: Rig, load: Child<LoadCalls>): Promise<BulkResult> {
  const target = targetOf(rig);
  const once = (calls: readonly Call[]): Promise<LoadResult> => load.calls.once(target, calls);
  const names = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_, i) => `${prefix}${i}`);
  const create = (users: readonly string[]): Call => ({
    path: '/api/create_user',
    body: users.map((user) => ({ user, password: PASSWORD, read: true })),
  });
  const remove = (users: readonly string[]): Call => ({
    path: '/api/remove_user',
    body: users.map((user) => ({ user })),
  });
  const single = names('single', SINGLE_USERS);
  // The first call logs in and starts the thread that hashes.
  const { ms } = await once([
    get('get_users'),
    create(single.slice(0, 1)),
    ...single.slice(1).map((user) => create([user])),
  ]);
  const hashSeconds = median(ms.slice(2))! / 1000;
  const many = names('many', BULK_USERS);
  const expected = (BULK_USERS * hashSeconds) / availableParallelism();
  const watchSeconds = Math.ceil(expected * 1.5) + 1;
  const quiet = await besideFilm(rig, 1, watchSeconds, () => sleep(watchSeconds * 1000));
  const busy = await besideFilm(rig, 1, watchSeconds, () => once([get('get_users'), create(many)]));
  await once([remove([...single, ...many])]);
  const seconds = busy.result.ms[1]! / 1000;
  return {
    users: BULK_USERS,
    seconds,
    overHashes: seconds / expected,
    frameDelayMs: busy.frameMs - quiet.frameMs,
  };
}

function targetOf({ target }: Rig): ViewerTarget & { kind: 'websocket' } {
  if (target.kind !== 'websocket') throw new Error('This server has no API.');
  return target;
}

/** Formats the results as a table of Markdown. */
export function formatApi({ calls, bulk }: ApiResults): string {
  return [
    'api: calls over TLS connections that are kept open',
    '',
    '| call              | calls/s | p50 ms | p99 ms | bytes  | CPU ms |',
    '| ----------------- | ------: | -----: | -----: | -----: | -----: |',
    ...calls.map((call) => `| ${formatCall(call)} |`),
    ...(bulk === undefined
      ? []
      : [
          '',
          `${bulk.users} users in one call: ${bulk.seconds.toFixed(1)} s, x ${bulk.overHashes.toFixed(2)} of their hashes on all cores; p99 of a viewer's frames ${bulk.frameDelayMs.toFixed(1)} ms later`,
        ]),
  ].join('\n');
}

const formatCall = ({ name, callsPerSecond, p50Ms, p99Ms, bytesPerCall, cpuMsPerCall }: ApiResult): string =>
  [
    name.padEnd(17),
    callsPerSecond.toFixed(0).padStart(7),
    p50Ms.toFixed(1).padStart(6),
    p99Ms.toFixed(1).padStart(6),
    bytesPerCall.toFixed(0).padStart(6),
    (cpuMsPerCall?.toFixed(2) ?? '-').padStart(6),
  ].join(' | ');
