import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Size } from '../../src/pixels/rect.ts';

export interface ForeignXServer {
  /** Such as ":1007". */
  readonly display: string;
  readonly child: ChildProcess;
  /** Kills it. Resolves when its process is gone: before that, no other X server can get its display number. */
  end(): Promise<void>;
}

/** X servers that pick their number take the lowest free one, and do not reach this one. */
const FIRST_DISPLAY = 1000;
const DISPLAYS = 50_000;

/**
 * Starts an X server that the product attaches to. Without `display` it gets a number that no server picks by itself,
 * so that it can be started again with the same number while other tests start theirs.
 */
export async function startForeignXServer(
  { width, height }: Size,
  display = `:${FIRST_DISPLAY + (process.pid % DISPLAYS)}`,
): Promise<ForeignXServer> {
  const child = spawn(
    'Xvfb',
    [display, '-displayfd', '3', '-screen', '0', `${width}x${height}x24`, '-nolisten', 'tcp', '-noreset'],
    { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (part: string) => {
    said += part;
  });
  // The pipe ends when the server has reported its number, or has ended.
  const number = await text(child.stdio[3] as Readable);
  if (!number.trim()) throw new Error(`Xvfb did not start on ${display}: ${said.trim()}`);
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  };
  return { display: `:${number.trim()}`, child, end };
}
