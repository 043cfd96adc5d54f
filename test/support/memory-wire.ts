import type { ViewerTransport } from '../../src/session/viewer/transport.ts';

/**
 * A session's transport that ends in the same process. Sent bytes arrive in a later turn of the event loop, as from
 * a socket. While the viewer is stalled they stay here and count as buffered.
 */
export class MemoryWire implements ViewerTransport {
  /** Everything that the session sent, piece by piece. These are the session's own buffers, which it may reuse. */
  readonly sent: Uint8Array[] = [];
  /** Reason given by the session when it closed the connection. */
  closedReason: string | undefined;
  #bufferedBytes = 0;
  #queue: Uint8Array[] = [];
  #isStalled = false;
  /** Bytes to the session that it does not read now; undefined while it reads. */
  #unread: Uint8Array[] | undefined;
  #isOver = false;
  #scheduled = false;
  #onData: ((bytes: Uint8Array) => void)[] = [];
  #onRead: ((bytes: number, messages: number) => void)[] = [];
  #onDrain: (() => void)[] = [];
  #onClose: (() => void)[] = [];
  readonly #arrived: (bytes: Uint8Array) => void;

  constructor(arrived: (bytes: Uint8Array) => void) {
    this.#arrived = arrived;
  }

  // The session's side.

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  kernelCounts(): undefined {
    return undefined;
  }

  send(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.sent.push(bytes);
    this.#queue.push(bytes.slice());
    this.#bufferedBytes += bytes.length;
    this.#schedule();
  }

  sendLasting(bytes: Uint8Array): void {
    this.send(bytes);
  }

  pauseReading(): void {
    this.#unread ??= [];
  }

  resumeReading(): void {
    const unread = this.#unread ?? [];
    this.#unread = undefined;
    for (const bytes of unread) this.write(bytes);
  }

  limitMessages(): void {
    // Nothing is kept here: bytes are passed on in the portions in which they are written.
  }

  onData(listener: (bytes: Uint8Array) => void): void {
    this.#onData.push(listener);
  }

  onRead(listener: (bytes: number, messages: number) => void): void {
    this.#onRead.push(listener);
  }

  onDrain(listener: () => void): void {
    this.#onDrain.push(listener);
  }

  onClose(listener: () => void): void {
    this.#onClose.push(listener);
  }

  close(reason: string): void {
    if (this.#isOver) return;
    this.#flush();
    this.closedReason = reason;
    this.#end();
  }

  // The viewer's side.

  get isOver(): boolean {
    return this.#isOver;
  }

  get isStalled(): boolean {
    return this.#isStalled;
  }

  /** Whether the session reads what is written now. Otherwise it is kept here until the session reads again. */
  get isRead(): boolean {
    return this.#unread === undefined;
  }

  /** Sends bytes to the session. */
  write(bytes: Uint8Array): void {
    if (this.#isOver) return;
    if (this.#unread) {
      this.#unread.push(bytes.slice());
      return;
    }
    for (const listener of this.#onData) listener(bytes);
    for (const listener of this.#onRead) listener(bytes.length, 1);
  }

  /** Stops taking bytes until `resume`. */
  stall(): void {
    this.#isStalled = true;
  }

  resume(): void {
    this.#isStalled = false;
    this.#schedule();
  }

  /** Ends without a closing handshake. */
  vanish(): void {
    if (!this.#isOver) this.#end();
  }

  #end(): void {
    this.#isOver = true;
    this.#queue = [];
    setImmediate(() => {
      for (const listener of this.#onClose) listener();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#isStalled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#isStalled && !this.#isOver) this.#flush();
    });
  }

  #flush(): void {
    const pieces = this.#queue;
    this.#queue = [];
    this.#bufferedBytes = 0;
    for (const bytes of pieces) this.#arrived(bytes);
    if (pieces.length > 0) for (const listener of this.#onDrain) listener();
  }
}
