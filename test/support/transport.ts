/** A byte pipe to an RFB server, whatever carries it. */
export interface Transport {
  send(bytes: Uint8Array): void;
  /** Stops taking bytes from the socket, so that the server sees a viewer that does not keep up. */
  pause(): void;
  resume(): void;
  /** The listener for what comes from now on, in place of the one before; till the first, bytes are kept. */
  onData(listener: (bytes: Uint8Array) => void): void;
  /** In place of the listener before. `reason` is what the carrier told: a close code, an error's message. */
  onClose(listener: (reason: string) => void): void;
  /** Ends the connection properly. */
  close(): void;
  /** Ends it as a machine that vanishes does, without a word. */
  destroy(): void;
}
