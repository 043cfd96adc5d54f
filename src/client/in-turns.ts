/**
 * Milliseconds of work after which frames have their turn. With a larger value they wait longer; a smaller one takes
 * more turns, each of which waits for what the browser has to do.
 */
const TURN_MS = 8;

export interface TurnsOptions<Result> {
  /** Asked before each turn. Once false, the work ends without a result. */
  isWanted(): boolean;
  done(result: Result): void;
  failed(error: unknown): void;
}

/**
 * Does work that has many steps: the first ones now, the others in later turns of the event loop. Returns a function
 * that does the rest at once.
 */
export function doInTurns<Result>(
  steps: Iterator<void, Result>,
  { isWanted, done, failed }: TurnsOptions<Result>,
): () => void {
  let isOver = false;
  const workUntil = (endMs: number): void => {
    if (isOver || !isWanted()) return;
    try {
      do {
        const step = steps.next();
        if (!step.done) continue;
        isOver = true;
        done(step.value);
        return;
      } while (performance.now() < endMs);
    } catch (error) {
      isOver = true;
      failed(error);
      return;
    }
    later(turn);
  };
  const turn = (): void => workUntil(performance.now() + TURN_MS);
  turn();
  return () => workUntil(Number.POSITIVE_INFINITY);
}

/** Unlike timers, messages are not held back while the page is behind another tab. */
function later(action: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    action();
  };
  port2.postMessage(undefined);
}
