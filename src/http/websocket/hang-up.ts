import type { Duplex } from 'node:stream';

/** Watches a connection whose request is not answered yet. */
interface HangUpWatch {
  /** Aborts when the caller ends or loses the connection. */
  readonly signal: AbortSignal;
  /** Ends the watch. The connection may be read from when this has resolved. */
  stop(): Promise<void>;
}

/**
 * Watches a connection that requests an upgrade. Node.js no longer reads from it, so that its end would go unnoticed.
 * Leaves bytes in the connection that the caller sends early; the end behind them is then noticed later.
 */
export function watchHangUp(socket: Duplex): HangUpWatch {
  const controller = new AbortController();
  const onGone = (): void => controller.abort();
  // A stream emits `end` when it is read from and has nothing more. Reading 0 bytes takes nothing out of it.
  const onReadable = (): void => void socket.read(0);
  socket.on('close', onGone).on('end', onGone).on('readable', onReadable);
  return {
    signal: controller.signal,
    stop: () => {
      socket.off('close', onGone).off('end', onGone).off('readable', onReadable);
      // The stream leaves the mode of `readable` in the next tick. A reader that pauses it before would be overruled.
      return new Promise((done) => process.nextTick(done));
    },
  };
}
