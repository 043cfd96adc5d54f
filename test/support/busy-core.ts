import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Keeps one core busy with another process until it is disposed of. */
export async function busyCore(): Promise<AsyncDisposable> {
  const child = spawn(process.execPath, ['-e', 'console.log("busy"); for (;;);'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  return {
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
