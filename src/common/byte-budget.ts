/** Bytes that several parties share. What one of them takes, the others lack until it is given back. */
export class ByteBudget {
  readonly #mostBytes: number;
  #takenBytes = 0;
  readonly #listeners = new Set<() => void>();

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** Returns a function that gives the bytes back, or undefined if there are not so many. */
  take(bytes: number): (() => void) | undefined {
    if (this.#takenBytes + bytes > this.#mostBytes) return undefined;
    this.#takenBytes += bytes;
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#takenBytes -= bytes;
      for (const listener of [...this.#listeners]) listener();
    };
  }

  /** Calls `listener` whenever bytes were given back, until the returned function is called. */
  onRoom(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
