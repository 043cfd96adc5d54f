import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../clock.ts';
import { serveParent } from '../ipc.ts';
import { EventReader } from './event-reader.ts';
import { type Call, type CallTarget, KeepAliveCaller } from './keep-alive-caller.ts';

export interface Load {
  /** Made in turn, over all connections. */
  readonly calls: readonly Call[];
  readonly connections: number;
  readonly seconds: number;
  /** Calls a second, over all connections. Without it each connection calls again as soon as it has its answer. */
  readonly perSecond?: number;
}

export interface LoadResult {
  readonly seconds: number;
  /** Time from each call to the end of its answer, in ms. */
  readonly ms: readonly number[];
  readonly bytes: number;
}

/** Calls that a process which loads the API answers. */
export interface LoadCalls {
  /** Rejects if the server refuses a call. */
  run(target: CallTarget, load: Load): Promise<LoadResult>;
  /** Makes each call once, in order, over one connection. */
  once(target: CallTarget, calls: readonly Call[]): Promise<LoadResult>;
  /**
   * Changes a user again and again while readers of events listen. Resolves with the times from each call to each reader,
   * and their bytes.
   */
  events(target: CallTarget, load: EventLoad): Promise<LoadResult>;
}

export interface EventLoad {
  readonly readers: number;
  /** Calls that change a user, made in turn. */
  readonly changes: readonly Call[];
  readonly perSecond: number;
  readonly seconds: number;
}

/** Longest wait for events to reach all readers, in ms. */
const ALL_READ_MS = 5000;

async function timed(caller: KeepAliveCaller, call: Call): Promise<{ ms: number; bytes: number }> {
  const startMs = monotonicMs();
  const { status, bodyBytes, text } = await caller.call(call);
  if (status >= 300) throw new Error(`${call.path}: ${status} ${text}`);
  return { ms: monotonicMs() - startMs, bytes: bodyBytes };
}

serveParent<LoadCalls>({
  async run(target, { calls, connections, seconds, perSecond }) {
    const callers = await Promise.all(
      Array.from({ length: connections }, () => KeepAliveCaller.connect(target)),
    );
    // The first call logs in, which takes a hash.
    for (const caller of callers) await timed(caller, calls[0]!);
    const ms: number[] = [];
    let bytes = 0;
    const startMs = monotonicMs();
    const endMs = startMs + seconds * 1000;
    let turn = 0;
    const loop = async (caller: KeepAliveCaller): Promise<void> => {
      while (monotonicMs() < endMs) {
        const own = turn++;
        if (perSecond !== undefined) {
          await sleep(Math.max(0, startMs + (own * 1000) / perSecond - monotonicMs()));
        }
        const one = await timed(caller, calls[own % calls.length]!);
        ms.push(one.ms);
        bytes += one.bytes;
      }
    };
    await Promise.all(callers.map(loop));
    const tookMs = monotonicMs() - startMs;
    for (const caller of callers) caller.close();
    return { seconds: tookMs / 1000, ms, bytes };
  },

  async once(target, calls) {
    const caller = await KeepAliveCaller.connect(target);
    const startMs = monotonicMs();
    const ms: number[] = [];
    let bytes = 0;
    for (const call of calls) {
      const one = await timed(caller, call);
      ms.push(one.ms);
      bytes += one.bytes;
    }
    caller.close();
    return { seconds: (monotonicMs() - startMs) / 1000, ms, bytes };
  },

  async events(target, { readers, changes, perSecond, seconds }) {
    const sentMs: number[] = [];
    const ms: number[] = [];
    const opened: EventReader[] = [];
    for (let i = 0; i < readers; i++)
      opened.push(
        await EventReader.open(target, (number, atMs) => {
          // What comes before the first change is the end of something earlier.
          if (sentMs[number] !== undefined) ms.push(atMs - sentMs[number]);
        }),
      );
    const caller = await KeepAliveCaller.connect(target);
    const startMs = monotonicMs();
    const count = Math.floor(seconds * perSecond);
    for (let i = 0; i < count; i++) {
      await sleep(Math.max(0, startMs + (i * 1000) / perSecond - monotonicMs()));
      sentMs.push(monotonicMs());
      await timed(caller, changes[i % changes.length]!);
    }
    const endMs = monotonicMs() + ALL_READ_MS;
    while (ms.length < count * readers && monotonicMs() < endMs) await sleep(5);
    const tookMs = monotonicMs() - startMs;
    caller.close();
    for (const reader of opened) reader.close();
    if (ms.length < count * readers) throw new Error(`${ms.length} of ${count * readers} events have come.`);
    return { seconds: tookMs / 1000, ms, bytes: opened.reduce((sum, reader) => sum + reader.bytes, 0) };
  },
});
