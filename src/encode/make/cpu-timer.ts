/**
 * The longest that a thread's CPU clock may stand still while the thread runs: the scheduler brings it up to date
 * at its ticks, 100 a second at the fewest.
 */
const TICK_US = 10_000;

/**
 * Starts to measure the CPU time of this thread; the answered function tells it in microseconds.
 *
 * Over less than a tick the clock tells nothing, mostly 0. There the time that passed stands for it: a thread
 * can't have computed for longer, and over so short a time has seldom been interrupted.
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
