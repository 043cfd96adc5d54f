#!/bin/sh
//bin/true; grep -qs '^SigIgn:.*[13579bdf]$' /proc/self/status && export DESKWIRE_IGNORE_HANGUP=1; exec node "$0" "$@"

// The `deskwire` command. Plain JavaScript that runs on Node.js 20 or newer. If this Node.js is too old for the server,
// this process becomes the Node.js of the package node-linux-*. Otherwise the server runs in this process. In both
// cases, killing this process kills the server.
//
// The second line is a comment for Node.js, and all that a shell reads. It notes whether SIGHUP is ignored, as under
// nohup, before Node.js restores what the signal does by default. `node bin/deskwire.mjs` works as well.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LEAST_NODE = [24, 0];

// Node.js would open its debugger, which all programs of this machine could use. The program decides later what it means.
process.on('SIGUSR1', () => {});

const launcher = fileURLToPath(import.meta.url);
const root = dirname(dirname(launcher));
// A checkout runs its sources. The npm package has only dist/, because Node.js runs no TypeScript below node_modules.
const source = join(root, 'src/cli/deskwire.ts');
const program = existsSync(source) ? source : join(root, 'dist/cli/deskwire.js');

const PASSWORD_ENV = 'DESKWIRE_OWNER_PASSWORD';
const PASSWORD_FD_ENV = 'DESKWIRE_OWNER_PASSWORD_FD';

/**
 * Moves the owner's password from the environment into a pipe, and becomes the program in its arguments. A shell does
 * so, because a process can only be rid of the variables that it was started with by becoming another program:
 * /proc/PID/environ shows them for as long as it runs.
 */
const MOVE_PASSWORD = `
exec 9<<END
$${PASSWORD_ENV}
END
unset ${PASSWORD_ENV}
export ${PASSWORD_FD_ENV}=9
exec "$@"`;

const isSuitable = isNewEnough(process.versions.node);
const hasPassword = (process.env[PASSWORD_ENV] ?? '') !== '' && (process.env[PASSWORD_FD_ENV] ?? '') === '';

if (isSuitable && !(hasPassword && process.execve !== undefined)) {
  process.argv[1] = program;
  if (program === source) useCompileCache();
  await import(program);
} else {
  become(isSuitable ? process.execPath : findBundledNode());
}

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
}

/**
 * Has Node.js keep the modules that it has compiled, for this thread and by the environment for all others. Without
 * that, each thread loads the compiler that strips types, of 13 MB. `npm start` fills the folder beforehand.
 */
function useCompileCache() {
  process.env.NODE_COMPILE_CACHE ??= join(root, 'tmp/compile-cache');
  nodeModule.enableCompileCache(process.env.NODE_COMPILE_CACHE);
}

/** Runs this launcher on `node` instead of this process, without the owner's password in the environment. */
function become(node) {
  // Flags for this Node.js need not exist in another one.
  const flags = node === process.execPath ? process.execArgv : [];
  const line = [node, ...flags, launcher, ...process.argv.slice(2)];
  const words = hasPassword ? ['/bin/sh', '-c', MOVE_PASSWORD, 'sh', ...line] : line;
  // Node.js has this function since 22.15, and reports that it is experimental.
  if (process.execve !== undefined) process.execve(words[0], words, process.env);
  runAsChild(words);
}

/** For Node.js that cannot become another program: the kernel kills the child when this process is killed. */
function runAsChild(words) {
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));
  const [command, ...args] = setpriv === undefined ? words : [setpriv, '--pdeathsig', 'KILL', ...words];
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'])
    process.on(signal, () => child.kill(signal));
  const child = spawn(command, args, { stdio: 'inherit' });
  child.once('error', (error) => {
    process.stderr.write(`deskwire: ${command}: ${error.message}\n`);
    process.exit(1);
  });
  child.once('close', (code, signal) => {
    if (signal === null) process.exit(code);
    // Ends by the same signal as the server, so that the parent process sees it.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function findBundledNode() {
  try {
    const manifest = nodeModule
      .createRequire(import.meta.url)
      .resolve(`node-linux-${process.arch}/package.json`);
    return join(dirname(manifest), 'bin/node');
  } catch {
    process.stderr.write(
      `deskwire: Node.js ${LEAST_NODE.join('.')} or newer is needed; this is ${process.version}, and the package ` +
        `node-linux-${process.arch}, which would bring one, is not installed.\n`,
    );
    process.exit(1);
  }
}
