// Builds the page in dist/client from src/client if its sources have changed.

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { digestOf } from './digest.mjs';
import { findNode } from './npm.mjs';
import { runStep } from './progress.mjs';

/** The sources of the page. */
const SOURCES = ['src/client', 'src/protocol', 'src/pixels', 'scripts/build-client.ts', 'package-lock.json'];
const PAGE = 'dist/client/index.html';
/** Digest of the sources of dist/client. scripts/build.ts removes this file when it builds everything. */
const STAMP = 'tmp/page.stamp';

export function pageIsFresh() {
  return existsSync(PAGE) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === digestOf(SOURCES);
}

export async function buildPage() {
  const digest = digestOf(SOURCES);
  rmSync(STAMP, { force: true });
  await runStep('Page', findNode(), ['scripts/build.ts', '--page']);
  writeFileSync(STAMP, digest);
}
