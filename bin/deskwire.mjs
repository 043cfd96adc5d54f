#!/usr/bin/env node
// The `deskwire` command. Plain JavaScript that runs on Node.js 20 or newer. If this Node.js is too old for the server,
// the server runs in a child process, on the Node.js of the package node-linux-*. Otherwise it runs in this process.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LEAST_NODE = [24, 0];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
// A checkout runs its sources. The npm package has only dist/, because Node.js runs no TypeScript below node_modules.
const source = join(root, 'src/cli/deskwire.ts');
const program = existsSync(source) ? source : join(root, 'dist/cli/deskwire.js');

const [major, minor] = process.versions.node.split('.').map(Number);
if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) {
  process.argv[1] = program;
  if (program === source) useCompileCache();
  await import(program);
} else {
  runOnBundledNode();
}

/**
 * Has Node.js keep the modules that it has compiled, for this thread and by the environment for all others. Without
 * that, each thread loads the compiler that strips types, of 13 MB. `npm start` fills the folder beforehand.
 */
function useCompileCache() {
  process.env.NODE_COMPILE_CACHE ??= join(root, 'tmp/compile-cache');
  nodeModule.enableCompileCache(process.env.NODE_COMPILE_CACHE);
}

function runOnBundledNode() {
  const node = findBundledNode();
  if (node === undefined) {
    process.stderr.write(
      `deskwire: Node.js ${LEAST_NODE.join('.')} or newer is needed; this is ${process.version}, and the package ` +
        `node-linux-${process.arch}, which would bring one, is not installed.\n`,
    );
    process.exit(1);
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  child.once('error', (error) => {
    process.stderr.write(`deskwire: ${node}: ${error.message}\n`);
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
    return undefined;
  }
}
