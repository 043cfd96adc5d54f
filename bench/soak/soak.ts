import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpsClient } from '../../test/support/https-client.ts';
import { MovingPicture } from '../../test/support/moving-picture.ts';
import { type RunningDeskwire, startDeskwire } from '../../test/support/start-deskwire.ts';
import type { WebSocketTarget } from '../../test/support/transport-websocket.ts';
import { Viewer } from '../../test/support/viewer.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { type Child, forkChild } from '../ipc.ts';
import { percentile } from '../statistics.ts';
import { ApiLoad, type ApiRate } from './api-load.ts';
import type { RestlessCrowdCalls } from './crowd-process.ts';
import { grownClasses, readHeapClasses } from './heap-classes.ts';
import { loggedProblems } from './logged-problems.ts';
import { MemoryWatch, openDescriptors, type Slopes } from './memory-watch.ts';
import { type HeapUse, ProbeClient } from './probe-client.ts';
import type { CrowdReport } from './restless-crowd.ts';

const MIB = 1 << 20;

/** Time between two looks at the load, in ms. */
const LOOK_EVERY_MS = 5_000;

/**
 * Time without load at the end of each round, in ms, before memory is measured. The threads that made screenshots and
 * checked passwords have ended by then, and V8 has given back the pages of their heaps: docs/memory.md. With a smaller
 * value, memory differs by tens of MiB from round to round; a larger one leaves less time for the load.
 */
const SETTLES_MS = 15_000;

/** Size of the desktop whenever memory is measured. Viewers leave it at any size. */
const MEASURED_SIZE = { width: 800, height: 600 };
const RESIZE_LIMIT_MS = 20_000;

const PROBE = new URL('./probe.ts', import.meta.url);
/** Classes of objects that are listed. */
const MOST_CLASSES = 15;
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
  /** Seconds from one measurement of memory to the next, SETTLES_MS included. */
  readonly roundSeconds: number;
  /** Seconds at the end over which memory must be flat. Before that, caches and compilers fill. */
  readonly flatSeconds: number;
  readonly viewers: number;
  readonly api: ApiRate;
  readonly seed: number;
  /** Whether to compare the objects of the main thread at the beginning and at the end of `flatSeconds`. */
  readonly comparesClasses: boolean;
  /** Called with a line about each round. */
  readonly say: (line: string) => void;
}

interface SoakResult {
  readonly crowd: CrowdReport;
  readonly calls: number;
  /** Calls that were not made because too many had no answer yet. */
  readonly leftOut: number;
  /** Times of the calls for statistics, in ms. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Most memory of the server and its X server under load, in MiB. */
  readonly loadedMib: number;
  /** Memory at the last measurement of a round, in MiB. */
  readonly memoryMib: number;
  /**
   * Slopes of that over `flatSeconds`: each measurement finds the same single viewer, no call, a desktop of one size,
   * and no garbage.
   */
  readonly slopes: Slopes;
  /** Classes of objects that have grown, as lines. */
  readonly grown: readonly string[];
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
  readonly probe: ProbeClient;
  /** Stays all the time, so that threads that are needed while there are viewers do not end. */
  readonly guest: Viewer;
  readonly api: ApiLoad;
  readonly crowd: Child<RestlessCrowdCalls>;
}

/** Loads a server of its own with viewers that come and go, with API calls, and with a picture that moves. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  await using parts = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'deskwire-soak-'));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const socket = join(folder, 'probe');
  const server = await startDeskwire({
    flags: ['--size', '800x600', '--max-size', '1280x1024', '--run', 'exec sleep infinity'],
    environment: {
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${PROBE}`.trim(),
      PROBE_SOCKET: socket,
    },
  });
  parts.defer(async () => void (await server.stop()));
  const probe = await ProbeClient.connect(socket);
  parts.defer(() => probe.close());
  const picture = await MovingPicture.start(server, PICTURE_FPS);
  parts.defer(() => picture.close());
  const targets = await createTargets(server);
  const descriptors = openDescriptors(server.pid);
  const guest = await Viewer.connectWebSocket(targets[0]!, { updates: 'none', decode: false });
  parts.defer(() => guest.close());
  const crowd = forkChild<RestlessCrowdCalls>(new URL('./crowd-process.ts', import.meta.url));
  parts.defer(() => crowd.close());
  await crowd.calls.open(targets, options.viewers, options.seed);
  const api = new ApiLoad(new HttpsClient(server.url, server.ca, server.owner), options.api);
  parts.defer(() => api.stop());
  const running = { server, probe, guest, api, crowd };
  const result = await watch(running, options, folder);
  const end = guest.closedReason === undefined ? [] : [`The guest was closed: ${guest.closedReason}`];
  await guest.close();
  const errors = [...result.errors, ...end, ...(await leftovers(server, descriptors))];
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
  running: Running,
  options: SoakOptions,
  folder: string,
): Promise<Omit<SoakResult, 'restMib'>> {
  const { server, probe, api, crowd } = running;
  const { seconds, roundSeconds, comparesClasses, say } = options;
  const [memory, loaded] = [new MemoryWatch(server.pid), new MemoryWatch(server.pid)];
  const statisticsMs: number[] = [];
  let [bytes, loadedBytes] = [0, 0];
  const [early, late] = [join(folder, 'early.heapsnapshot'), join(folder, 'late.heapsnapshot')];
  const flatFromMs = (seconds - options.flatSeconds) * 1000;
  const startMs = performance.now();
  const rounds = Math.max(1, Math.floor(seconds / roundSeconds));
  for (let round = 1; round <= rounds; round++) {
    const untilMs = startMs + round * roundSeconds * 1000 - SETTLES_MS;
    while (performance.now() < untilMs) {
      await sleep(Math.min(LOOK_EVERY_MS, untilMs - performance.now()));
      statisticsMs.push(...api.report().statisticsMs);
    }
    loadedBytes = Math.max(loadedBytes, loaded.sample(0));
    const before = tally(await crowd.calls.report());
    await calm(running);
    statisticsMs.push(...api.report().statisticsMs);
    const { heaps } = await probe.call({});
    const nowMs = performance.now() - startMs;
    bytes = memory.sample(nowMs, heaps);
    const [crowdReport, apiReport] = [await crowd.calls.report(), api.report()];
    const count = (of: 'errors' | 'late'): number => crowdReport[of].length + apiReport[of].length;
    say(
      `${Math.round(nowMs / 1000)} s: ${(bytes / MIB).toFixed(1)} MiB, ${heaps.map(inWords).join(', ')}, ` +
        `${openDescriptors(server.pid)} descriptors; before: ${before}, ` +
        `statistics p99 ${percentile(statisticsMs, 0.99)?.toFixed(1)} ms, ${count('late')} late, ${count('errors')} errors`,
    );
    if (round === rounds) break;
    const isNextFlat = nowMs + roundSeconds * 1000 >= flatFromMs;
    if (comparesClasses && isNextFlat && !existsSync(early)) await probe.call({ snapshot: early });
    await crowd.calls.come();
    api.start();
  }
  const grown: string[] = [];
  if (comparesClasses && existsSync(early)) {
    await probe.call({ snapshot: late });
    grown.push(...grownClasses(readHeapClasses(early), readHeapClasses(late), MOST_CLASSES));
  }
  const { calls, leftOut, errors, late: lateCalls } = api.report();
  const crowdReport = await crowd.calls.report();
  const logged = loggedProblems(server.output().stderr);
  return {
    crowd: crowdReport,
    calls,
    leftOut,
    p50Ms: percentile(statisticsMs, 0.5) ?? Number.NaN,
    p99Ms: percentile(statisticsMs, 0.99) ?? Number.NaN,
    loadedMib: loadedBytes / MIB,
    memoryMib: bytes / MIB,
    slopes: memory.slopesSince(flatFromMs),
    grown,
    errors: [...crowdReport.errors, ...errors, ...logged.errors],
    late: [...crowdReport.late, ...lateCalls, ...logged.late],
  };
}

/** Ends the load, and resolves when the server has settled. */
async function calm({ api, crowd, guest }: Running): Promise<void> {
  await Promise.all([api.stop(), crowd.calls.leave()]);
  guest.requestSize(MEASURED_SIZE);
  const isMeasured = (): boolean => {
    guest.requestUpdate(true);
    return guest.size.width === MEASURED_SIZE.width && guest.size.height === MEASURED_SIZE.height;
  };
  await waitFor('the size of the desktop', isMeasured, RESIZE_LIMIT_MS);
  await sleep(SETTLES_MS);
}

const inWords = ({ thread, usedBytes, externalBytes }: HeapUse): string =>
  `${thread} ${(usedBytes / MIB).toFixed(1)}+${(externalBytes / MIB).toFixed(1)}`;

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
