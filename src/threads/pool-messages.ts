/** A job on its way to a thread. A message holds one or more of them, or `END`. */
export interface Task<Input> {
  readonly id: number;
  readonly job: Input;
}

/** Message to a thread that has to call process.exit(). */
export const END = 'end';

export type PoolMessage<Input> = readonly Task<Input>[] | typeof END;

/**
 * Report of a thread about a job. A message holds any number of these: a thread sends an empty one when it has loaded
 * its modules, as a sign of life.
 */
export type Answer<Output> =
  | { readonly id: number; readonly result: Output }
  | { readonly id: number; readonly error: Error }
  /** The thread no longer needs the pixels that the job is about. The job itself goes on. */
  | { readonly id: number; readonly read: true };
