import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DeskwireProcess } from '../support/deskwire-process.ts';
import { processTree, readProc, statFields } from '../support/process-tree.ts';
import { waitFor } from '../support/wait-for.ts';

const LAUNCHER = join(import.meta.dirname, '../../bin/deskwire.mjs');

/** Orphans that the program of the desktop leaves. Each ends within half a second. */
const ORPHANS = 20;

/** A new name space of process ids, whose process 1 is the command that follows. */
const NEW_PIDS = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
const { status, stderr } = spawnSync(NEW_PIDS[0]!, [...NEW_PIDS.slice(1), 'true'], { encoding: 'utf8' });
const skip = status === 0 ? false : `no name space of process ids can be made here: ${stderr}`;

for (const [what, before] of [
  ['the server is process 1, as in a container', []],
  ['process 1 is a program that reaps none', ['sh', '-c', '"$@" & exec sleep 600', 'sh']],
] as const) {
  test(`orphans of the desktop are reaped when ${what}`, { skip }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'deskwire-orphans-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const list = join(folder, 'orphans');
    const leave = `(sleep 0.$((i % 5 + 1)) & echo $! >>${list}); i=$((i + 1))`;
    const run = `i=0; while [ $i -lt ${ORPHANS} ]; do ${leave}; done; exec sleep 600`;
    const flags = ['--port', '0', '--size', '320x200', '--data', join(folder, 'data'), '--run', run];
    const [command, ...args] = [...NEW_PIDS, ...before, process.execPath, LAUNCHER, 'serve', ...flags];
    await using server = new DeskwireProcess(command!, args);
    await server.ready();
    const members = (): number[] => processTree(server.child.pid!);
    await waitFor('the orphans to end and be reaped', () => {
      const left = existsSync(list) ? readFileSync(list, 'utf8').trimEnd().split('\n').length : 0;
      const isRunning = members().some((pid) => readProc(pid, 'cmdline')?.startsWith('sleep\u00000.'));
      return left === ORPHANS && !isRunning && !members().some((pid) => statFields(pid)?.[0] === 'Z');
    });
    // Ends by itself, so that it leaves nothing: with its name space, its keeper would be killed too.
    const own = members().filter((pid) =>
      readProc(pid, 'cmdline')?.startsWith(`${process.execPath}\0${LAUNCHER}`),
    );
    assert.equal(own.length, 1, 'the server still runs');
    process.kill(own[0]!, 'SIGTERM');
    await waitFor('the end of the server', () => (statFields(own[0]!)?.[0] ?? 'Z') === 'Z');
  });
}
