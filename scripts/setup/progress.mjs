// How setup talks: on stderr only, because stdout belongs to the server's own lines.

import { spawn } from 'node:child_process';

/** How long a step may be silent before it says that it is still at work, and with what. */
const HEARTBEAT_MS = 5_000;
/** Of a failed step's output, what is worth showing: npm ends its own with a page of usage, the reason before it. */
const LINES_SHOWN_ON_FAILURE = 150;

/** A reason to stop that is the user's to act on: shown without a stack. */
export class SetupError extends Error {}

export function say(text) {
  process.stderr.write(`deskwire: ${text}\n`);
}

/**
 * Runs one step of setup: says what it does, every few seconds that it still does, and at the end how long it took.
 * The output is shown only where the step fails, with a SetupError. A signal to setup ends the step first.
 */
export async function runStep(label, command, args, env = process.env) {
  const startedAt = Date.now();
  say(`${label} ...`);
  const tail = [];
  // Listened for before there is a child to pass it to: a signal in between would end us and leave the child.
  let stoppedBy;
  const stop = (signal) => {
    stoppedBy = signal;
    child.kill(signal);
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const keep = (chunk) => {
    tail.push(...chunk.split(/[\r\n]+/).filter((line) => line.trim() !== ''));
    tail.splice(0, tail.length - LINES_SHOWN_ON_FAILURE);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const heartbeat = setInterval(() => {
    say(`  ${secondsSince(startedAt)} s: ${(tail.at(-1) ?? 'working').slice(0, 100)}`);
  }, HEARTBEAT_MS);
  try {
    const end = await new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => resolve(signal ?? code));
    });
    if (stoppedBy !== undefined) process.exit(stoppedBy === 'SIGINT' ? 130 : 143);
    if (end !== 0) {
      process.stderr.write(`${tail.join('\n')}\n`);
      throw new SetupError(`${label}: failed (${command}: ${end})`);
    }
    say(`${label}: done in ${secondsSince(startedAt)} s`);
  } finally {
    clearInterval(heartbeat);
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

function secondsSince(startedAt) {
  return ((Date.now() - startedAt) / 1000).toFixed(1);
}
