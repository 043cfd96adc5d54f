// Fills Node.js's compile cache with the server's modules if they have changed.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { digestOf } from './digest.mjs';
import { findNode } from './npm.mjs';
import { runStep } from './progress.mjs';

/** The sources of the server. */
const SOURCES = ['src', 'package-lock.json'];
/** bin/deskwire.mjs has the server use this folder. */
const CACHE = 'tmp/compile-cache';
/** Digest of the sources that are in the cache. */
const STAMP = 'tmp/modules.stamp';

export function modulesAreFresh() {
  return existsSync(CACHE) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === digestOf(SOURCES);
}

export async function compileModules() {
  const digest = digestOf(SOURCES);
  rmSync(STAMP, { force: true });
  const env = { ...process.env, NODE_COMPILE_CACHE: resolve(CACHE) };
  await runStep('Modules', findNode(), ['scripts/compile-modules.ts', '--version'], env);
  writeFileSync(STAMP, digest);
}
