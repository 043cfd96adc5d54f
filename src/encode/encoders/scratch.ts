const PAGE_BYTES = 65_536;

/**
 * Memory for one purpose on one thread, which each use overwrites. It grows to the largest use.
 *
 * It is a WebAssembly.Memory because that goes back to the system when the thread ends. What a thread allocates with
 * malloc mostly stays with the process: after screenshots of a 1080p screen that was 50 MB.
 */
export class Scratch {
  #bytes = new Uint8Array(0);

  /** The first `length` bytes. They hold what the last use left. */
  take(length: number): Uint8Array<ArrayBuffer> {
    if (this.#bytes.length < length) {
      const pages = Math.ceil(length / PAGE_BYTES);
      const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages });
      this.#bytes = new Uint8Array(buffer as ArrayBuffer);
    }
    return this.#bytes.subarray(0, length);
  }
}
