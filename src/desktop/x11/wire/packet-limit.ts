import { packetBytes } from './packet-input.ts';
import { SETUP_HEADER_BYTES, setupBytes } from './setup.ts';

/** Bytes of a packet's fixed part that say how long it is; as many as those of the setup's answer. */
const HEAD_BYTES = SETUP_HEADER_BYTES;

/** Follows the packets in what an X server sends, and refuses those that are longer than any that we ask for. */
export class PacketLimit {
  readonly #mostBytes: number;
  readonly #head = Buffer.alloc(HEAD_BYTES);
  #headBytes = 0;
  /** Bytes of the packet that are still to come. */
  #leftBytes = 0;
  #isSetUp = false;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Takes bytes in any portions. Throws `DESKTOP_X_ERROR` if a packet that begins in them is too long. */
  read(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const skipped = Math.min(this.#leftBytes, bytes.length - at);
      this.#leftBytes -= skipped;
      at += skipped;
      const part = bytes.subarray(at, at + HEAD_BYTES - this.#headBytes);
      this.#head.set(part, this.#headBytes);
      this.#headBytes += part.length;
      at += part.length;
      if (this.#headBytes === HEAD_BYTES) this.#begin();
    }
  }

  #begin(): void {
    const bytes = this.#isSetUp ? packetBytes(this.#head, this.#mostBytes) : setupBytes(this.#head);
    this.#isSetUp = true;
    this.#headBytes = 0;
    this.#leftBytes = bytes - HEAD_BYTES;
  }
}
