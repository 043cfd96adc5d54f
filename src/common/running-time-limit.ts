/**
 * Parts into which a limit is divided. A stall of the process counts as one part at most. A larger number wakes the
 * process more often, a smaller one lets a stall use up more of the limit.
 */
const PARTS = 10;

/**
 * Calls `over` when this process could run for a time, unless the returned function is called before. While the process
 * is stopped or has no processor, its peers' bytes wait in their sockets: a plain timer, which comes before them, would
 * end all of these peers.
 */
export function limitRunningTime(limitMs: number, over: () => void): () => void {
  let left = PARTS;
  const timer = setInterval(() => {
    left--;
    if (left > 0) return;
    clearInterval(timer);
    over();
  }, limitMs / PARTS).unref();
  return () => clearInterval(timer);
}
