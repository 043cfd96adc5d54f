// Runs the steps of setup and prints their progress to stderr. stdout is for the lines of the server.

import { spawn } from 'node:child_process';

/** Time between two lines about a step in progress. Larger looks hung, smaller prints more lines. */
const HEARTBEAT_MS = 5_000;
/** Lines of a failed step's output that are printed. npm prints a page of usage after the reason. */
const LINES_SHOWN_ON_FAILURE = 150;

/** An error that the user can remedy. Printed without a stack. */
export class SetupError extends Error {}

export function say(text) {
  process.stderr.write(`deskwire: ${text}\n`);
}

/**
 * Runs one step of setup. Prints its name, its progress every few seconds, and its time. Prints its output and throws a
 * SetupError if the step fails. A signal to setup ends the step first.
 */
export async function runStep(label, command, args, env = process.env) {
  const startedAt = Date.now();
  say(`${label} ...`);
  const tail = [];
  // Handles signals before the child exists. Otherwise a signal in between would end setup and leave the child.
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
