// Builds the page in dist/client from src/client if its sources have changed.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findNode } from './npm.mjs';
import { runStep } from './progress.mjs';

/** The sources of the page. */
const SOURCES = ['src/client', 'src/protocol', 'src/pixels', 'scripts/build-client.ts', 'package-lock.json'];
const PAGE = 'dist/client/index.html';
/** Digest of the sources of dist/client. scripts/build.ts removes this file when it builds everything. */
const STAMP = 'tmp/page.stamp';

export function pageIsFresh() {
  return existsSync(PAGE) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === digestOfSources();
}

export async function buildPage() {
  const digest = digestOfSources();
  rmSync(STAMP, { force: true });
  await runStep('Page', findNode(), ['scripts/build.ts', '--page']);
  writeFileSync(STAMP, digest);
}

function digestOfSources() {
  const hash = createHash('sha256');
  for (const source of SOURCES) addToDigest(hash, source);
  return hash.digest('hex');
}

function addToDigest(hash, path) {
  let entries;
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch {
    if (existsSync(path)) hash.update(`${path}\0`).update(readFileSync(path));
    return;
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (!entry.name.endsWith('.test.ts')) addToDigest(hash, join(path, entry.name));
  }
}
