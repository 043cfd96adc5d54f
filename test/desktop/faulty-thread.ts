// Preloaded into every thread of a process: makes one thread fail in the middle of its work, the next time that it
// reads the framebuffer after the file FAULT_FILE appeared.

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { threadName } from 'node:worker_threads';

export type Fault = 'exits' | 'throws' | 'hangs in a loop' | 'hangs in a wait' | 'hangs in a system call';

const { FAULT_THREAD, FAULT, FAULT_FILE } = process.env;

const FAULTS: Readonly<Record<Fault, () => void>> = {
  exits: () => process.exit(1),
  throws: () => {
    queueMicrotask(() => {
      throw new Error('This thread was to fail.');
    });
    throw new Error('This read was to fail.');
  },
  'hangs in a loop': () => {
    for (;;);
  },
  'hangs in a wait': () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
  // Nothing can interrupt the opening of a pipe that no process writes to.
  'hangs in a system call': () => {
    fs.openSync(`${FAULT_FILE}.pipe`, 'r');
  },
};

/** Reads of more bytes than this are of the framebuffer. */
const HEADER_BYTES = 1000;

function failIfDue(bytes: number): void {
  if (bytes <= HEADER_BYTES || !fs.existsSync(FAULT_FILE!)) return;
  fs.rmSync(FAULT_FILE!, { force: true });
  FAULTS[FAULT as Fault]();
}

if (threadName === FAULT_THREAD) {
  // The framebuffer is mapped into memory where that is possible, and otherwise read.
  const { copy } = Buffer.prototype;
  Buffer.prototype.copy = function (
    this: Buffer,
    target: Uint8Array,
    at?: number,
    start = 0,
    end = this.length,
  ) {
    failIfDue(end - start);
    return copy.call(this, target, at, start, end);
  };
  const read = fs.readSync;
  const readOrFail = (...options: Parameters<typeof read>): number => {
    // File, buffer, offset, bytes: the types know only the overload with three.
    failIfDue(Number((options as readonly unknown[])[3]));
    return read(...options);
  };
  fs.readSync = readOrFail as typeof read;
  syncBuiltinESMExports();
}
