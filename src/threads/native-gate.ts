/** States of the word. ENDING is added to one of the others. */
const FREE = 0;
const NATIVE = 1;
const ENDING = 2;

/**
 * Keeps a thread from being terminated inside native code of an addon. Terminating it there aborts the whole process:
 * the addon's next call into Node.js fails, and node-addon-api throws a C++ exception that nothing catches. Code of
 * Node.js itself (zlib, crypto) and WebAssembly can be terminated.
 *
 * One word of shared memory says whether the thread is inside native code. A new gate says that it is, until the
 * thread has loaded its modules.
 */
export class NativeGate {
  readonly memory: SharedArrayBuffer;
  readonly #word: Int32Array;

  constructor(memory?: SharedArrayBuffer) {
    this.memory = memory ?? new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    this.#word = new Int32Array(this.memory);
    if (!memory) this.#word[0] = NATIVE;
  }

  /** Called by the thread before native code. Ends the thread if the gate is closed. */
  enter(): void {
    if (Atomics.compareExchange(this.#word, 0, FREE, NATIVE) !== FREE) process.exit();
  }

  /** Called by the thread after native code. Ends the thread if the gate was closed meanwhile. */
  leave(): void {
    if (Atomics.compareExchange(this.#word, 0, NATIVE, FREE) !== NATIVE) process.exit();
  }

  /**
   * Called by the thread that started the other one. From now on the other thread enters no native code. Returns
   * whether the other thread may be terminated; if not, it ends by itself when it leaves native code.
   */
  close(): boolean {
    return (Atomics.or(this.#word, 0, ENDING) & NATIVE) === 0;
  }
}

let ofThisThread: NativeGate | undefined;

/** Called by a thread, with the memory of its gate, when it has loaded its modules. */
export function openNativeGate(memory: SharedArrayBuffer): void {
  ofThisThread = new NativeGate(memory);
  ofThisThread.leave();
}

/** Brackets a call of an addon, with `leaveNativeCode`. Does nothing on a thread without a gate. */
export function enterNativeCode(): void {
  ofThisThread?.enter();
}

export function leaveNativeCode(): void {
  ofThisThread?.leave();
}
