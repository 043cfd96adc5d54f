/**
 * Milliseconds between two looks at the threads of a pool. Silence is counted in these ticks and not by the clock, so
 * that a process that was suspended, or had no CPU time, does not take its threads for hung. A smaller value finds a
 * hung thread more exactly at its limit, and wakes the main thread more often.
 */
export const TICK_MS = 500;

/**
 * Milliseconds that a new thread gets before its first answer. It loads its modules in 100-300 ms of CPU time. A
 * smaller value would take a thread for hung on a machine that is very busy; a larger one only delays the failure of
 * jobs, and holds that get ready, if threads cannot start at all.
 */
const START_LIMIT_MS = 20_000;

/** Facts about a thread of a pool at a tick. */
export interface ThreadFacts {
  readonly jobs: number;
  /** Whether it has ever answered. */
  readonly hasAnswered: boolean;
  /** Since its last answer, or since it was given a job while it had none. */
  readonly quietMs: number;
  /** The longest time that one of its jobs may take. */
  readonly limitMs: number;
  /** Time for which a thread without jobs is kept, in milliseconds. Undefined for always. */
  readonly idleLimitMs: number | undefined;
}

/** Decides whether a thread stays, has hung and is replaced, or has been idle and ends. */
export function judgeThread(facts: ThreadFacts): 'stays' | 'hangs' | 'idles' {
  const { jobs, hasAnswered, quietMs, limitMs, idleLimitMs } = facts;
  if (jobs === 0 && idleLimitMs !== undefined && quietMs >= idleLimitMs) return 'idles';
  if (jobs === 0 && hasAnswered) return 'stays';
  return quietMs >= (hasAnswered ? limitMs : Math.max(limitMs, START_LIMIT_MS)) ? 'hangs' : 'stays';
}

/** Calls `onTick` every `everyMs` until the returned function is called. */
export type Ticker = (everyMs: number, onTick: () => void) => () => void;

/** Ticks that do not keep the process alive. */
export const startTicking: Ticker = (everyMs, onTick) => {
  const timer = setInterval(onTick, everyMs).unref();
  return () => clearInterval(timer);
};
