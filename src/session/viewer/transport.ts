/** A byte pipe to one viewer, whatever carries it. */
export interface ViewerTransport {
  /** Sends a copy of the bytes, in order. */
  send(bytes: Uint8Array): void;
  /** Bytes handed over that the socket has not taken yet. */
  readonly bufferedBytes: number;
  /** Calls back when more bytes came in, in any portions. */
  onData(listener: (bytes: Uint8Array) => void): void;
  /** Calls back each time that `bufferedBytes` has fallen to 0. */
  onDrain(listener: () => void): void;
  /** Calls back once, when either side has ended. */
  onClose(listener: () => void): void;
  /** Ends the connection; `reason` goes where the carrier has a place for it. */
  close(reason: string): void;
}
