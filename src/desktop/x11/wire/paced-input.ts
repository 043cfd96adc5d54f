import type { Socket } from 'node:net';

/** Bytes that are handled at a time: 32 events. More take longer at once, fewer cost more calls. */
const SLICE_BYTES = 1024;
/** Milliseconds of handling after which the rest waits. With more, calls and viewers wait longer for each turn. */
const TURN_MS = 2;
/** Milliseconds that it waits: a flood takes a third of the thread. With fewer it takes more, with more it lasts longer. */
const PAUSE_MS = 4;

/**
 * Returns a listener for the `data` of a connection to an X server, which hands the bytes to `handle` in turns. Any
 * program of the desktop can cause 100,000 events in a second, which would otherwise be handled before anything else.
 *
 * What is handled may be answered. While the X server does not read the answers, nothing is handled: a program that
 * grabs the server can go on asking, and the answers would take any amount of memory.
 */
export function pacedInput(
  stream: Pick<Socket, 'pause' | 'resume' | 'once' | 'destroyed' | 'writableNeedDrain'>,
  handle: (bytes: Buffer) => void,
): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  let usedMs = 0;
  let isPaused = false;

  const run = (): void => {
    if (usedMs === 0) setImmediate(() => (usedMs = 0));
    while (rest.length > 0 && usedMs < TURN_MS && !stream.writableNeedDrain && !stream.destroyed) {
      const slice = rest.subarray(0, SLICE_BYTES);
      rest = rest.subarray(SLICE_BYTES);
      const startMs = performance.now();
      handle(slice);
      usedMs += performance.now() - startMs;
    }
    if (stream.writableNeedDrain) pause((goOn) => stream.once('drain', goOn));
    else if (usedMs >= TURN_MS) pause((goOn) => setTimeout(goOn, PAUSE_MS));
  };
  const pause = (until: (goOn: () => void) => void): void => {
    isPaused = true;
    stream.pause();
    until(() => {
      isPaused = false;
      usedMs = 0;
      if (stream.destroyed) return;
      run();
      if (!isPaused) stream.resume();
    });
  };
  return (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    if (!isPaused) run();
  };
}
