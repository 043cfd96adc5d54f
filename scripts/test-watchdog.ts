/**
 * Fails a test file that stays alive after its last test, and prints what keeps it alive. `--import` loads this module
 * into the process of each test file. Without it, Node's runner waits without limit; with `--test-force-exit` it would
 * not report what was left open.
 */
import { after } from 'node:test';

/**
 * Time for a file to end after its last test. A larger value delays the report of a file that hangs; a smaller one
 * fails files that close sockets and processes on a loaded machine.
 */
const GRACE_MS = 10_000;

// The runner sets this variable in the processes of test files. The runner's own process lacks it.
if (process.env.NODE_TEST_CONTEXT !== undefined) {
  after(() => {
    setTimeout(() => {
      const open = process.getActiveResourcesInfo().join(', ');
      process.stderr.write(`Still alive ${GRACE_MS / 1000} s after the last test. Open: ${open}\n`);
      process.exit(1);
    }, GRACE_MS).unref();
  });
}
