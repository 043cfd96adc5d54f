/**
 * Loaded into every test file's process by `--import`. Node's runner waits for ever for a process that does not end,
 * and its `--test-force-exit` would hide what was left open. So a file that is still alive some time after its last
 * test fails, and says what keeps it.
 */
import { after } from 'node:test';

/** What closing takes on a loaded machine; a socket's or a child's last event comes long before. */
const GRACE_MS = 10_000;

// The runner itself loads this too; only the processes that it starts are marked so.
if (process.env.NODE_TEST_CONTEXT !== undefined) {
  after(() => {
    setTimeout(() => {
      const open = process.getActiveResourcesInfo().join(', ');
      process.stderr.write(`Still alive ${GRACE_MS / 1000} s after the last test, held by: ${open}\n`);
      process.exit(1);
    }, GRACE_MS).unref();
  });
}
