/**
 * Writes one message of known size, big-endian as in RFB. Writing beyond the size throws a RangeError, and so does
 * `done` if bytes are missing: a wrong size is a fault of this program, not of a peer.
 */
export class ByteWriter {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at = 0;

  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
  }

  u8(value: number): this {
    this.#view.setUint8(this.#at, value);
    this.#at += 1;
    return this;
  }

  u16(value: number): this {
    this.#view.setUint16(this.#at, value);
    this.#at += 2;
    return this;
  }

  s16(value: number): this {
    this.#view.setInt16(this.#at, value);
    this.#at += 2;
    return this;
  }

  u32(value: number): this {
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
    return this;
  }

  s32(value: number): this {
    this.#view.setInt32(this.#at, value);
    this.#at += 4;
    return this;
  }

  /** Writes `count` zero bytes. */
  pad(count: number): this {
    this.#at += count;
    return this;
  }

  bytes(bytes: Uint8Array): this {
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  done(): Uint8Array<ArrayBuffer> {
    if (this.#at !== this.#bytes.length) {
      throw new RangeError(`Wrote ${this.#at} of ${this.#bytes.length} bytes`);
    }
    return this.#bytes;
  }
}
