/** Ends test files that hang. Node's runner limits the time of each test, but not of a file whose event loop stands still. */
import { statSync } from 'node:fs';
import { PARENT, processTree, readProc, STARTED_AT, statFields } from '../test/support/process-tree.ts';

/** How often the report is looked at, in milliseconds. A smaller value ends a file sooner and costs more. */
const LOOK_EACH_MS = 1000;

/**
 * Watches the report of a runner, which has the results of one file after the other, in the order in which they began. If
 * nothing is added for `mostSilenceMs`, the file that began first hangs, and its process is killed: the runner counts it
 * as failed. Returns a function that ends the watch.
 */
export function killSilentFiles(runner: number, report: string, mostSilenceMs: number): () => void {
  let bytes = 0;
  let sinceMs = performance.now();
  const look = (): void => {
    const now = sizeOf(report);
    if (now !== bytes) {
      bytes = now;
      sinceMs = performance.now();
    } else if (performance.now() - sinceMs >= mostSilenceMs) {
      sinceMs = performance.now();
      killFirstChild(runner, mostSilenceMs);
    }
  };
  const timer = setInterval(look, Math.min(LOOK_EACH_MS, mostSilenceMs));
  return () => clearInterval(timer);
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Kills the process that `parent` started first. */
function killFirstChild(parent: number, silenceMs: number): void {
  const [first] = processTree(parent)
    .map((pid) => ({ pid, stat: statFields(pid) ?? [] }))
    .filter(({ stat }) => Number(stat[PARENT]) === parent)
    .sort((a, b) => Number(a.stat[STARTED_AT]) - Number(b.stat[STARTED_AT]));
  if (first === undefined) return;
  const command = readProc(first.pid, 'cmdline')?.split('\0').filter(Boolean).at(-1);
  process.stderr.write(
    `${command ?? first.pid} has said nothing for ${silenceMs / 1000} s, and is killed.\n`,
  );
  try {
    process.kill(first.pid, 'SIGKILL');
  } catch {
    // It has ended in the meantime.
  }
}
