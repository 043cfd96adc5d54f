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

if (threadName === FAULT_THREAD) {
  const read = fs.readSync;
  const readOrFail = (...options: Parameters<typeof read>): number => {
    // File, buffer, offset, bytes: the types know only the overload with three.
    const bytes = Number((options as readonly unknown[])[3]);
    if (bytes > HEADER_BYTES && fs.existsSync(FAULT_FILE!)) {
      fs.rmSync(FAULT_FILE!, { force: true });
      FAULTS[FAULT as Fault]();
    }
    return read(...options);
  };
  fs.readSync = readOrFail as typeof read;
  syncBuiltinESMExports();
}
