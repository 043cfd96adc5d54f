/** Ends test files that hang. Node's runner limits the time of each test, but not of a file whose event loop stands still. */
import { readdirSync, readFileSync, statSync } from 'node:fs';

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
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => statOf(Number(name)))
    .filter((stat) => stat?.parent === parent)
    .sort((a, b) => a!.startedAt - b!.startedAt);
  const first = children[0];
  if (first === undefined) return;
  process.stderr.write(
    `${commandOf(first.pid)} has said nothing for ${silenceMs / 1000} s, and is killed.\n`,
  );
  process.kill(first.pid, 'SIGKILL');
}

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** In clock ticks since the machine started. */
  readonly startedAt: number;
}

function statOf(pid: number): ProcessStat | undefined {
  try {
    // The name in parentheses may have spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return { pid, parent: Number(fields[1]), startedAt: Number(fields[19]) };
  } catch {
    // It has ended.
    return undefined;
  }
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean).at(-1) ?? String(pid);
}
