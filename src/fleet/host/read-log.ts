import { type FileHandle, open } from 'node:fs/promises';

/** Bytes of a log that are read at most: its last ones. A larger value takes memory and time of the fleet. */
export const MOST_LOG_BYTES = 1024 * 1024;

/** The last lines of a log file, with their ends. Empty if there is no file yet. */
export async function readLog(path: string, lines: number): Promise<string> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - MOST_LOG_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    const all = buffer.subarray(0, bytesRead).toString().split('\n');
    // The first line may have lost its beginning, and what is behind the last line break is no whole line yet.
    const whole = all.slice(from > 0 ? 1 : 0, -1);
    return whole
      .slice(-lines)
      .map((line) => `${line}\n`)
      .join('');
  } finally {
    await file.close();
  }
}
