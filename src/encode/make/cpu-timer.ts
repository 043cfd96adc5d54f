/**
 * Longest time in microseconds between two updates of a thread's CPU clock while the thread runs. The scheduler updates
 * it at its ticks, of which there are at least 100 a second.
 */
const TICK_US = 10_000;

/**
 * Starts to measure the CPU time of this thread. Returns a function that returns it, in microseconds.
 *
 * For less than a tick the clock mostly says 0. Then the function returns the elapsed time: the thread cannot have
 * computed for longer, and is seldom interrupted in so short a time.
 */
export function startCpuTimer(): () => number {
  const startMs = performance.now();
  const start = process.threadCpuUsage();
  return () => {
    const passedUs = Math.round((performance.now() - startMs) * 1000);
    if (passedUs < TICK_US) return passedUs;
    const used = process.threadCpuUsage(start);
    return used.user + used.system;
  };
}
