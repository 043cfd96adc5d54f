/** Milliseconds between two looks whether the server answers. */
const LOOK_INTERVAL_MS = 5000;

/**
 * Looks at which the same request is unanswered before the connection counts as lost: a minute in all. A program may
 * grab the server for as long as a user selects a part of the screen. With more looks, a server that hangs is noticed
 * later. Looks are counted, not time, because a paused process would take its own pause for the server's silence.
 */
const LOOKS_UNANSWERED = 12;

/**
 * Calls `onSilence` when the oldest request that waits for an answer has stayed the same for LOOKS_UNANSWERED looks.
 * `oldest` returns it, or undefined if none waits. Returns a function that ends the watch.
 */
export function watchSilence(oldest: () => unknown, onSilence: () => void): () => void {
  let before: unknown;
  let unanswered = 0;
  const looks = setInterval(() => {
    const first = oldest();
    unanswered = first !== undefined && first === before ? unanswered + 1 : 0;
    before = first;
    if (unanswered >= LOOKS_UNANSWERED) onSilence();
  }, LOOK_INTERVAL_MS);
  looks.unref();
  return () => clearInterval(looks);
}
