/** A byte pipe to an RFB server, over any carrier. */
export interface Transport {
  send(bytes: Uint8Array): void;
  /** Stops taking bytes from the socket, so that the server sees a viewer that does not keep up. */
  pause(): void;
  resume(): void;
  /** Replaces the listener for incoming bytes. Bytes are kept until there is a first listener. */
  onData(listener: (bytes: Uint8Array) => void): void;
  /** Replaces the listener for the end. `reason` comes from the carrier: a close code, or an error's message. */
  onClose(listener: (reason: string) => void): void;
  /** Ends the connection with a closing handshake. */
  close(): void;
  /** Ends it without one, like a machine that vanishes. */
  destroy(): void;
}
