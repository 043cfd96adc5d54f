import { setTimeout as sleep } from 'node:timers/promises';
import type { Size } from '../../src/pixels/rect.ts';
import { type Child, forkChild } from '../ipc.ts';
import { startDeskwirePeer } from '../peers/deskwire.ts';
import type { ViewerTarget } from '../peers/peer.ts';
import { readUsage } from '../process-usage.ts';
import { createRig, type Rig } from '../rig.ts';
import { percentile } from '../statistics.ts';
import { MEMORY_WORKLOAD, ORDINARY_WORKLOADS, type Workload } from '../workloads.ts';
import type { BareServerCalls } from './bare-server.ts';
import { type BulkResult, measureBulk } from './bulk.ts';
import type { Call } from './keep-alive-caller.ts';
import { CONNECTIONS, get, KINDS, type Kind } from './kinds.ts';
import type { Load, LoadCalls, LoadResult } from './load-process.ts';
import { untilSessions } from './session-count.ts';

/** What one kind of call costs. */
export interface ApiResult {
  readonly name: string;
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly bytesPerCall: number;
  /** CPU of all the server's processes for a call, in ms. Undefined while viewers take CPU, too. */
  readonly cpuMsPerCall: number | undefined;
}

export interface ApiResults {
  readonly calls: readonly ApiResult[];
  readonly bulk: BulkResult | undefined;
}

const SECONDS = 4;
/**
 * Runs of each kind before the measured one: V8 compiles a server's hot code in its first seconds under load. With
 * none, the first kinds show a server that has just started; with more, the bench takes longer.
 */
const UNCOUNTED_RUNS = 1;
const FILM = MEMORY_WORKLOAD;
const NOTHING = ORDINARY_WORKLOADS.find(({ picture }) => picture === 'nothing')!;
const WARM_UP_SECONDS = 2;
/** Seconds for which viewers stay longer than they are needed, so that none leaves too early. */
const SPARE_SECONDS = 1.5;
const EVENT_READERS = 200;
const EVENTS_PER_SECOND = 20;
/** Whom the events are about. */
const CHANGED_USER = 'changed';

/** Measures the rate and the cost of API calls, on one server of its own. */
export async function measureApi(size: Size): Promise<ApiResults> {
  const load = forkChild<LoadCalls>(new URL('./load-process.ts', import.meta.url));
  const calls: ApiResult[] = [];
  const add = (result: ApiResult): void => {
    calls.push(result);
    console.error(formatCall(result));
  };
  try {
    add(await measureBare(load));
    const rig = await createRig(startDeskwirePeer, size);
    try {
      for (const kind of KINDS) {
        for (let run = 0; run < UNCOUNTED_RUNS; run++) await measureKind(rig, load, kind);
        add(await measureKind(rig, load, kind));
      }
      add(await measureEvents(rig, load));
      const bulk = await measureBulk({
        once: (some) => load.calls.once(targetOf(rig), some),
        besideFilm: (seconds, act) => besideViewers(rig, FILM, 1, seconds, act),
      });
      return { calls, bulk };
    } finally {
      await rig.close();
    }
  } finally {
    await load.close();
  }
}

/** A server of Node.js alone, in the place of ours: what the machine and the caller allow. */
async function measureBare(load: Child<LoadCalls>): Promise<ApiResult> {
  const bare = forkChild<BareServerCalls>(new URL('./bare-server.ts', import.meta.url));
  try {
    const target = { ...(await bare.calls.start()), user: { name: 'nobody', password: 'none' } };
    const wanted = { calls: [{ path: '/' }], connections: CONNECTIONS, seconds: SECONDS };
    const before = readUsage(bare.pid).cpuSeconds;
    const result = await load.calls.run(target, wanted);
    return summary('Node.js alone', result, readUsage(bare.pid).cpuSeconds - before);
  } finally {
    await bare.close();
  }
}

async function measureKind(rig: Rig, load: Child<LoadCalls>, kind: Kind): Promise<ApiResult> {
  const { name, viewers, shows, ...rest } = kind;
  const wanted: Load = { ...rest, seconds: SECONDS };
  const run = (): Promise<LoadResult> => load.calls.run(targetOf(rig), wanted);
  if (viewers > 0) {
    const workload = shows === 'nothing' ? NOTHING : FILM;
    const { result } = await besideViewers(rig, workload, viewers, SECONDS, run);
    return summary(name, result, undefined);
  }
  const before = rig.cpuSeconds();
  const result = await run();
  return summary(name, result, rig.cpuSeconds() - before);
}

/** Events that reach readers. The time is that from the call that changes a user. */
async function measureEvents(rig: Rig, load: Child<LoadCalls>): Promise<ApiResult> {
  const target = targetOf(rig);
  const once = (call: Call): Promise<LoadResult> => load.calls.once(target, [call]);
  await once(get(`create_user?name=${CHANGED_USER}&password=a%20password`));
  const changes = [true, false].map((read) => get(`update_user?name=${CHANGED_USER}&read=${read}`));
  const before = rig.cpuSeconds();
  const wanted = { readers: EVENT_READERS, changes, perSecond: EVENTS_PER_SECOND, seconds: SECONDS };
  const result = await load.calls.events(target, wanted);
  const cpuSeconds = rig.cpuSeconds() - before;
  await once(get(`remove_user?name=${CHANGED_USER}`));
  return summary(`events-${EVENT_READERS}`, result, cpuSeconds);
}

/** Does something while viewers watch. Resolves with its result, and the p99 of the frames of one viewer. */
async function besideViewers<T>(
  rig: Rig,
  workload: Workload,
  viewers: number,
  seconds: number,
  act: () => Promise<T>,
): Promise<{ result: T; frameMs: number }> {
  const times = { warmUpSeconds: WARM_UP_SECONDS, seconds: seconds + SPARE_SECONDS };
  const round = rig.runCrowd(workload, times, viewers - 1);
  const acted = untilSessions(targetOf(rig), viewers)
    .then(() => sleep(WARM_UP_SECONDS * 1000))
    .then(act);
  const [result, { numbers }] = await Promise.all([acted, round]);
  return { result, frameMs: numbers.p99Ms ?? Number.POSITIVE_INFINITY };
}

function summary(
  name: string,
  { ms, seconds, bytes }: LoadResult,
  cpuSeconds: number | undefined,
): ApiResult {
  return {
    name,
    callsPerSecond: ms.length / seconds,
    p50Ms: percentile(ms, 0.5) ?? Number.NaN,
    p99Ms: percentile(ms, 0.99) ?? Number.NaN,
    bytesPerCall: bytes / ms.length,
    cpuMsPerCall: cpuSeconds === undefined ? undefined : (cpuSeconds * 1000) / ms.length,
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
    ...(bulk === undefined ? [] : ['', formatBulk(bulk)]),
  ].join('\n');
}

const formatBulk = ({ users, seconds, overHashes, overHashesBesideFilm, frameDelayMs }: BulkResult): string =>
  `${users} users in one call: ${seconds.toFixed(1)} s, x ${overHashes.toFixed(2)} of their hashes on all cores; ` +
  `beside a film x ${overHashesBesideFilm.toFixed(2)}, and p99 of its frames ${frameDelayMs.toFixed(1)} ms later`;

const formatCall = ({ name, callsPerSecond, p50Ms, p99Ms, bytesPerCall, cpuMsPerCall }: ApiResult): string =>
  [
    name.padEnd(17),
    callsPerSecond.toFixed(0).padStart(7),
    p50Ms.toFixed(1).padStart(6),
    p99Ms.toFixed(1).padStart(6),
    bytesPerCall.toFixed(0).padStart(6),
    (cpuMsPerCall?.toFixed(2) ?? '-').padStart(6),
  ].join(' | ');
