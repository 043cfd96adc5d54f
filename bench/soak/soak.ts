import { setTimeout as sleep } from 'node:timers/promises';
import { HttpsClient } from '../../test/support/https-client.ts';
import { MovingPicture } from '../../test/support/moving-picture.ts';
import { type RunningDeskwire, startDeskwire } from '../../test/support/start-deskwire.ts';
import type { WebSocketTarget } from '../../test/support/transport-websocket.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { type Child, forkChild } from '../ipc.ts';
import { percentile } from '../statistics.ts';
import { ApiLoad, type ApiRate } from './api-load.ts';
import type { RestlessCrowdCalls } from './crowd-process.ts';
import { loggedProblems } from './logged-problems.ts';
import { MemoryWatch, openDescriptors } from './memory-watch.ts';
import type { CrowdReport } from './restless-crowd.ts';

const MIB = 1 << 20;

/** Time between two measurements of memory, in ms. One keeps the server's page tables for some ms. */
const SAMPLE_EVERY_MS = 5_000;

/** Time between two collections of the server's garbage, after which the memory that is left is measured. */
const COLLECT_EVERY_MS = 30_000;

/** Time in which all threads of the server have collected their garbage. */
const COLLECTS_MS = 1_000;

const COLLECTOR = new URL('./collect-garbage.ts', import.meta.url);
/** Frames per second of the picture that moves on the desktop. */
const PICTURE_FPS = 5;

/** Users of the viewers besides the owner, with their rights. */
const USERS = ['write', 'write', 'read'];

/**
 * File descriptors that a server may have more after the load than before: the last connections of the API, and those
 * of threads and of the audit trail.
 */
const SPARE_DESCRIPTORS = 16;
/** Time until the server has given memory back after the last viewer, in ms: docs/memory.md. */
const REST_MS = 15_000;
/** Time for connections and threads to end after the load, in ms, on a busy machine. */
const CALMS_DOWN_MS = 30_000;

interface SoakOptions {
  readonly seconds: number;
  /** Seconds at the end over which memory must be flat. Before that, caches and compilers fill. */
  readonly flatSeconds: number;
  readonly viewers: number;
  readonly api: ApiRate;
  readonly seed: number;
  /** Called with a line about each `reportSeconds`. */
  readonly say: (line: string) => void;
  readonly reportSeconds: number;
}

interface SoakResult {
  readonly crowd: CrowdReport;
  readonly calls: number;
  /** Calls that were not made because too many had no answer yet. */
  readonly leftOut: number;
  /** Times of the calls for statistics, in ms. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Memory of the server and its X server, in MiB. */
  readonly memoryMib: number;
  /** Slope of it over `flatSeconds`, in MiB per minute, measured when garbage has just been collected. */
  readonly slopeMibPerMinute: number;
  /** The slope of each kind of memory. */
  readonly slopes: ReadonlyMap<string, number>;
  /** The slope of what the system sees, garbage included. */
  readonly slopeWithGarbage: number;
  /** Errors that no viewer caused. */
  readonly errors: readonly string[];
  /** Viewers and calls that had to wait for too long. On a busy machine these need not be the server's fault. */
  readonly late: readonly string[];
  /** Memory some seconds after the load has ended, in MiB. */
  readonly restMib: number;
}

/** The parts of a running soak. */
interface Running {
  readonly server: RunningDeskwire;
  readonly api: ApiLoad;
  readonly crowd: Child<RestlessCrowdCalls>;
}

/** Loads a server of its own with viewers that come and go, with API calls, and with a picture that moves. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  await using parts = new AsyncDisposableStack();
  const server = await startDeskwire({
    flags: ['--size', '800x600', '--max-size', '1280x1024', '--run', 'exec sleep infinity'],
    environment: { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${COLLECTOR}`.trim() },
  });
  parts.defer(async () => void (await server.stop()));
  const picture = await MovingPicture.start(server, PICTURE_FPS);
  parts.defer(() => picture.close());
  const targets = await createTargets(server);
  const descriptors = openDescriptors(server.pid);
  const crowd = forkChild<RestlessCrowdCalls>(new URL('./crowd-process.ts', import.meta.url));
  parts.defer(() => crowd.close());
  await crowd.calls.open(targets, options.viewers, options.seed);
  const api = new ApiLoad(new HttpsClient(server.url, server.ca, server.owner), options.api);
  parts.defer(() => api.close());
  const result = await watch({ server, api, crowd }, options);
  const errors = [...result.errors, ...(await leftovers(server, descriptors))];
  await sleep(REST_MS);
  return { ...result, errors, restMib: new MemoryWatch(server.pid).sample(0) / MIB };
}

/** Creates the users that the viewers are. */
async function createTargets(server: RunningDeskwire): Promise<WebSocketTarget[]> {
  const client = new HttpsClient(server.url, server.ca, server.owner);
  const target = { url: server.url, ca: server.ca };
  const targets: WebSocketTarget[] = [{ ...target, user: server.owner }];
  for (const [i, right] of USERS.entries()) {
    const user = { name: `viewer${i}`, password: `password of ${i}` };
    const query = new URLSearchParams({ ...user, [right]: 'true' });
    const { status } = await client.get(`/api/create_user?${query}`);
    if (status !== 200) throw new Error(`create_user answered ${status}`);
    targets.push({ ...target, user });
  }
  client.close();
  return targets;
}

async function watch(
  { server, api, crowd }: Running,
  options: SoakOptions,
): Promise<Omit<SoakResult, 'restMib'>> {
  const memory = new MemoryWatch(server.pid);
  const kept = new MemoryWatch(server.pid);
  let collectedMs = 0;
  const statisticsMs: number[] = [];
  let bytes = 0;
  const startMs = performance.now();
  const secondsSoFar = (): number => (performance.now() - startMs) / 1000;
  for (let reported = 0; secondsSoFar() < options.seconds; ) {
    await sleep(SAMPLE_EVERY_MS);
    const nowMs = performance.now() - startMs;
    bytes = memory.sample(nowMs);
    if (nowMs - collectedMs >= COLLECT_EVERY_MS) {
      collectedMs = nowMs;
      process.kill(server.pid, 'SIGUSR2');
      await sleep(COLLECTS_MS);
      kept.sample(nowMs);
    }
    statisticsMs.push(...api.report().statisticsMs);
    const due = Math.floor(secondsSoFar() / options.reportSeconds);
    if (due === reported) continue;
    reported = due;
    const p99 = percentile(statisticsMs, 0.99)?.toFixed(1);
    const [crowdReport, apiReport] = [await crowd.calls.report(), api.report()];
    statisticsMs.push(...apiReport.statisticsMs);
    const count = (of: 'errors' | 'late'): number => crowdReport[of].length + apiReport[of].length;
    options.say(
      `${Math.round(secondsSoFar())} s: ${(bytes / MIB).toFixed(1)} MiB, ${openDescriptors(server.pid)} descriptors, ` +
        `${tally(crowdReport)}, statistics p99 ${p99} ms, ${count('late')} late, ${count('errors')} errors`,
    );
  }
  await api.close();
  const { calls, leftOut, errors, late } = api.report();
  const crowdReport = await crowd.calls.leave();
  const flatFromMs = (options.seconds - options.flatSeconds) * 1000;
  const { all, byKind } = kept.slopesSince(flatFromMs);
  return {
    crowd: crowdReport,
    calls,
    leftOut,
    p50Ms: percentile(statisticsMs, 0.5) ?? Number.NaN,
    p99Ms: percentile(statisticsMs, 0.99) ?? Number.NaN,
    memoryMib: bytes / MIB,
    slopeMibPerMinute: all,
    slopes: byKind,
    slopeWithGarbage: memory.slopesSince(flatFromMs).all,
    errors: [...crowdReport.errors, ...errors, ...loggedProblems(server.output().stderr)],
    late: [...crowdReport.late, ...late],
  };
}

/** Returns what the load has left behind in a server that has nothing more to do. */
async function leftovers(server: RunningDeskwire, descriptors: number): Promise<string[]> {
  const client = new HttpsClient(server.url, server.ca, server.owner);
  let left = '';
  const isCalm = async (): Promise<boolean> => {
    const viewers = (await client.get('/api/get_sessions')).json().users.length;
    const more = openDescriptors(server.pid) - descriptors;
    left = `${viewers} viewers and ${more} descriptors are left.`;
    return viewers === 0 && more <= SPARE_DESCRIPTORS;
  };
  try {
    await waitFor('the end of all connections', isCalm, CALMS_DOWN_MS);
    return [];
  } catch (error) {
    return [left || (error as Error).message];
  } finally {
    client.close();
  }
}

const tally = (crowd: CrowdReport): string =>
  `${crowd.connected} viewers (${crowd.joined} so far, ${crowd.lags} lags, ${crowd.vanished} vanished, ` +
  `${crowd.silent} silent, ${crowd.cutOff} cut off), ${crowd.updates} updates, ${crowd.resizes} resizes, ` +
  `${crowd.clipboards} pastes`;
