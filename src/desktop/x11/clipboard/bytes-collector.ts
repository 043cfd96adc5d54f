/** Collects the bytes of a selection as they arrive, up to a limit. */
export class BytesCollector {
  readonly #mostBytes: number;
  #pieces: Buffer[] = [];
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** False if the content is too large with what follows in the same property; nothing of it is kept then. */
  add(data: Buffer, bytesAfter: number): boolean {
    this.#bytes += data.length;
    if (this.#bytes + bytesAfter > this.#mostBytes) {
      this.#bytes = Number.POSITIVE_INFINITY;
      this.#pieces = [];
      return false;
    }
    // A copy, because `data` is a view into whatever the X server sent with it.
    this.#pieces.push(Buffer.from(data));
    return true;
  }

  /** Undefined if it was too large. */
  end(): Buffer | undefined {
    return this.#bytes > this.#mostBytes ? undefined : Buffer.concat(this.#pieces);
  }
}
