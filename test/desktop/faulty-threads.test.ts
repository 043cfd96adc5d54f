import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { Fault } from './faulty-thread.ts';
import { scratch } from './support.ts';

const PRELOAD = new URL('./faulty-thread.ts', import.meta.url).href;
const PROGRAM = new URL('./outlive-fault.ts', import.meta.url).pathname;

async function outlives(thread: 'scan' | 'frame', fault: Fault, restartsServer = false): Promise<void> {
  const child = spawn(process.execPath, ['--import', PRELOAD, PROGRAM], {
    env: {
      ...process.env,
      FAULT_THREAD: thread,
      FAULT: fault,
      FAULT_FILE: join(scratch(), 'fault'),
      ...(restartsServer && { RESTARTS_SERVER: '1' }),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [said, [code, signal]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
  // The program kills itself when all is well.
  assert.deepEqual([code, signal], [null, 'SIGKILL'], said);
}

for (const fault of ['exits', 'throws', 'hangs in a loop', 'hangs in a wait'] as const) {
  for (const thread of ['scan', 'frame'] as const) {
    test(`a desktop outlives a ${thread} thread that ${fault} in the middle of a capture`, () =>
      outlives(thread, fault));
  }
}

test('a desktop outlives a scan thread that nothing can interrupt, and its X server is not restarted', () =>
  outlives('scan', 'hangs in a system call'));

test('a frame thread that nothing can interrupt costs a restart of the X server, which it has grabbed', () =>
  outlives('frame', 'hangs in a system call', true));
