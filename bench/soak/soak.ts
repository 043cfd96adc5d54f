import { setTimeout as sleep } from 'node:timers/promises';
import { HttpsClient } from '../../test/support/https-client.ts';
import { MovingPicture } from '../../test/support/moving-picture.ts';
import { type RunningDeskwire, startDeskwire } from '../../test/support/start-deskwire.ts';
import { type Child, forkChild } from '../ipc.ts';
import { readUsage } from '../process-usage.ts';
import { percentile } from '../statistics.ts';
import { ApiLoad } from './api-load.ts';
import type { RestlessCrowdCalls } from './crowd-process.ts';
import type { CrowdReport } from './restless-crowd.ts';
import { lowsOf, type MemorySample, slopeMibPerMinute } from './slope.ts';

const MIB = 1 << 20;

/** Time between two measurements of memory, in ms. One takes some ms of the kernel's time. */
const SAMPLE_EVERY_MS = 2_000;
/** Frames per second of the picture that moves on the desktop. */
const PICTURE_FPS = 10;
/** Most errors that a result names. */
const MOST_ERRORS = 20;

interface SoakOptions {
  readonly seconds: number;
  /** Seconds at the end over which memory must be flat. Before that, caches and compilers fill. */
  readonly flatSeconds: number;
  readonly viewers: number;
  readonly callsPerSecond: number;
  readonly seed: number;
  /** Called with a line about each `reportSeconds`. */
  readonly say: (line: string) => void;
  readonly reportSeconds: number;
}

interface SoakResult {
  readonly crowd: CrowdReport;
  readonly calls: number;
  /** Times of the calls for statistics, in ms. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Memory of the server and its X server, in MiB, and its slope over `flatSeconds`, in MiB per minute. */
  readonly memoryMib: number;
  readonly slopeMibPerMinute: number;
  /** Errors that no viewer caused, at most MOST_ERRORS. */
  readonly errors: readonly string[];
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
    flags: ['--size', '800x600', '--max-size', '1280x1024', '--run', 'true'],
  });
  parts.defer(async () => void (await server.stop()));
  const picture = await MovingPicture.start(server, PICTURE_FPS);
  parts.defer(() => picture.close());
  const client = new HttpsClient(server.url, server.ca, server.owner);
  parts.defer(() => client.close());
  // One call first: 100 at once would wait for the same check of the password.
  await client.get('/api/get_users');
  const crowd = forkChild<RestlessCrowdCalls>(new URL('./crowd-process.ts', import.meta.url));
  parts.defer(() => crowd.close());
  const target = { url: server.url, ca: server.ca, user: server.owner };
  await crowd.calls.open(target, options.viewers, options.seed);
  const api = new ApiLoad(client, options.callsPerSecond);
  parts.defer(() => api.close());
  return await watch({ server, api, crowd }, options);
}

async function watch({ server, api, crowd }: Running, options: SoakOptions): Promise<SoakResult> {
  const samples: MemorySample[] = [];
  const statisticsMs: number[] = [];
  const startMs = performance.now();
  const secondsSoFar = (): number => (performance.now() - startMs) / 1000;
  for (let reported = 0; secondsSoFar() < options.seconds; ) {
    await sleep(SAMPLE_EVERY_MS);
    samples.push({ atMs: performance.now() - startMs, bytes: readUsage(server.pid).memoryBytes });
    statisticsMs.push(...api.report().statisticsMs);
    const due = Math.floor(secondsSoFar() / options.reportSeconds);
    if (due === reported) continue;
    reported = due;
    options.say(lineOf(secondsSoFar(), samples.at(-1)!.bytes, await crowd.calls.report(), statisticsMs));
  }
  await api.close();
  const { calls, errors: apiErrors } = api.report();
  const crowdReport = await crowd.calls.leave();
  const flatFromMs = (options.seconds - options.flatSeconds) * 1000;
  const flat = samples.filter(({ atMs }) => atMs >= flatFromMs);
  return {
    crowd: crowdReport,
    calls,
    p50Ms: percentile(statisticsMs, 0.5) ?? Number.NaN,
    p99Ms: percentile(statisticsMs, 0.99) ?? Number.NaN,
    memoryMib: samples.at(-1)!.bytes / MIB,
    slopeMibPerMinute: slopeMibPerMinute(lowsOf(flat, (options.flatSeconds * 1000) / 20)),
    errors: [...crowdReport.errors, ...apiErrors, ...loggedErrors(server)].slice(0, MOST_ERRORS),
  };
}

/** Lines of the server's log that tell of failures. */
function loggedErrors(server: RunningDeskwire): string[] {
  return server
    .output()
    .stderr.split('\n')
    .filter((line) => /"level":(50|60)/.test(line));
}

function lineOf(seconds: number, bytes: number, crowd: CrowdReport, statisticsMs: readonly number[]): string {
  const p99 = percentile(statisticsMs, 0.99)?.toFixed(1);
  return (
    `${Math.round(seconds)} s: ${(bytes / MIB).toFixed(1)} MiB, ${crowd.connected} viewers (${crowd.joined} so far), ` +
    `${crowd.updates} updates, ${crowd.resizes} resizes, ${crowd.clipboards} pastes, ${crowd.cutOff} cut off, ` +
    `statistics p99 ${p99} ms, ${crowd.errors.length} errors`
  );
}
