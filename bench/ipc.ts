import { type ChildProcess, fork } from 'node:child_process';

/** A call between a parent process and its child. It has a number; the answer has the same number. */
interface CallMessage {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}
interface AnswerMessage {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

// biome-ignore lint/suspicious/noExplicitAny: any function that returns a promise.
type Calls<T> = { [K in keyof T]: (...args: any[]) => Promise<unknown> };

/** A child process and the calls that it answers. */
export interface Child<T> {
  readonly pid: number;
  readonly calls: T;
  /** Ends the process. Resolves when it is gone. */
  close(): Promise<void>;
}

/**
 * Starts a module that calls `serveParent`. `inside`: a process whose files and shared memory it sees, as another
 * desktop of a fleet has its own `/tmp`. Needs root.
 */
export function forkChild<T extends Calls<T>>(
  module: URL,
  environment: NodeJS.ProcessEnv = process.env,
  inside?: number,
): Child<T> {
  const entering =
    inside === undefined
      ? {}
      : {
          execPath: 'nsenter',
          execArgv: ['--target', String(inside), '--mount', '--ipc', process.execPath, ...process.execArgv],
        };
  const child = fork(module, { env: environment, serialization: 'advanced', ...entering });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let lastId = 0;
  child.on('message', (answer: AnswerMessage) => {
    const waiter = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (answer.error === undefined) waiter?.resolve(answer.result);
    else waiter?.reject(new Error(answer.error));
  });
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${module.pathname} ended with ${code}`));
    waiting.clear();
  });
  const call = (method: string, args: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      lastId++;
      waiting.set(lastId, { resolve, reject });
      child.send({ id: lastId, method, args } satisfies CallMessage, (error) => error && reject(error));
    });
  const calls = new Proxy({} as T, {
    get:
      (_target, method) =>
      (...args: unknown[]) =>
        call(String(method), args),
  });
  return { pid: child.pid!, calls, close: () => end(child) };
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill();
  });
}

/** Answers the parent's calls until the parent ends. */
export function serveParent<T extends Calls<T>>(calls: T): void {
  process.on('disconnect', () => process.exit());
  process.on('message', async ({ id, method, args }: CallMessage) => {
    try {
      const result = await calls[method as keyof T](...args);
      process.send?.({ id, result } satisfies AnswerMessage);
    } catch (error) {
      process.send?.({ id, error: (error as Error).stack ?? String(error) } satisfies AnswerMessage);
    }
  });
}
