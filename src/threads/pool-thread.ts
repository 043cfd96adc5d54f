import type { Worker } from 'node:worker_threads';
import type { NativeGate } from './native-gate.ts';

/** A job of a pool of threads. */
export interface Job<Input, Output> {
  readonly id: number;
  readonly input: Input;
  readonly limitMs: number;
  readonly resolve: (output: Output) => void;
  readonly reject: (error: Error) => void;
  /** Called once, when the pixels of the job are no longer needed; undefined afterwards. */
  onRead: (() => void) | undefined;
  /** Whether it can be run again: the pixels that it is about have not been let go. */
  canRerun: boolean;
  /** Threads that it was lost with. */
  losses: number;
}

/** A thread of a pool. */
export interface Thread<Input, Output> {
  readonly worker: Worker;
  readonly gate: NativeGate | undefined;
  readonly lane: number;
  /** Jobs handed to it, oldest first. */
  readonly jobs: Map<number, Job<Input, Output>>;
  /** It has one job that was lost before, and gets no other job meanwhile. */
  isIsolated: boolean;
  /** Resolves when it has loaded its modules, or was lost. */
  readonly started: PromiseWithResolvers<void>;
  hasAnswered: boolean;
  quietMs: number;
}

/**
 * Jobs that a thread is given ahead. A frame's rects should all be handed out at once: every message wakes a thread,
 * which on a busy machine takes the core from the thread that is still handing out. A larger value leaves nothing for
 * threads that are ahead.
 */
export const JOBS_A_THREAD = 4;

/** Jobs that count for the choice of a thread. */
export const loadOf = ({ jobs, isIsolated }: Thread<unknown, never>): number =>
  isIsolated ? JOBS_A_THREAD : jobs.size;

/** Tells, at most once, that the pixels of a job are no longer needed. */
export function tellRead(job: Job<unknown, never>): void {
  const { onRead } = job;
  job.onRead = undefined;
  onRead?.();
}
