import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../clock.ts';
import { serveParent } from '../ipc.ts';
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
}

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
});
