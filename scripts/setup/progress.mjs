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

/** Children of the steps in progress. */
const running = new Set();
/** Signal that ends setup, after the steps in progress. */
let stoppedBy;

/**
 * Runs one step of setup. Prints its name, its progress every few seconds, and its time. Prints its output and throws a
 * SetupError if the step fails. Steps may run at the same time. A signal to setup ends them first.
 */
export async function runStep(label, command, args, env = process.env) {
  const startedAt = Date.now();
  say(`${label} ...`);
  const tail = [];
  const end = runChild(command, args, env, (chunk) => {
    tail.push(...chunk.split(/[\r\n]+/).filter((line) => line.trim() !== ''));
    tail.splice(0, tail.length - LINES_SHOWN_ON_FAILURE);
  });
  const heartbeat = setInterval(() => {
    say(`  ${label}, ${secondsSince(startedAt)} s: ${(tail.at(-1) ?? 'working').slice(0, 100)}`);
  }, HEARTBEAT_MS);
  const result = await end.finally(() => clearInterval(heartbeat));
  if (result !== 0) {
    process.stderr.write(`${tail.join('\n')}\n`);
    throw new SetupError(`${label}: failed (${command}: ${result})`);
  }
  say(`${label}: done in ${secondsSince(startedAt)} s`);
}

/** Runs a program without progress. Resolves with its standard output, or undefined if it fails. */
export async function outputOf(command, args) {
  let output = '';
  const result = await runChild(command, args, process.env, undefined, (chunk) => {
    output += chunk;
  });
  return result === 0 ? output : undefined;
}

/**
 * Runs a program to its end, and gives its output to `onOut` and `onError`. Resolves with its exit code, its signal, or
 * why it was not started. Never resolves if a signal ends setup.
 */
async function runChild(command, args, env, onError, onOut = onError) {
  if (running.size === 0) process.on('SIGINT', stop).on('SIGTERM', stop);
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.stdout.setEncoding('utf8').on('data', onOut);
  child.stderr.setEncoding('utf8').on('data', onError ?? (() => undefined));
  const result = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
  running.delete(child);
  if (running.size === 0) process.off('SIGINT', stop).off('SIGTERM', stop);
  if (stoppedBy === undefined) return result;
  if (running.size === 0) process.exit(stoppedBy === 'SIGINT' ? 130 : 143);
  // The last step to end ends setup.
  return new Promise(() => undefined);
}

function stop(signal) {
  stoppedBy = signal;
  for (const child of running) child.kill(signal);
}

function secondsSince(startedAt) {
  return ((Date.now() - startedAt) / 1000).toFixed(1);
}
