/**
 * Builds dist/, which the npm package runs, because Node.js does not run TypeScript below node_modules:
 *
 *     dist/**\/*.js   src/, compiled file by file
 *     dist/**\/*      files of src/ that are no code, such as kernels.wasm
 *     dist/client/    the page, bundled
 *     dist/sdk/       the client library of the API, with its types
 *     dist/view/      the types of the element, whose script is with the page
 *
 * `--page` builds only the page. A checkout needs nothing else.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { buildClient } from './build-client.ts';
import { buildSdk } from './build-sdk.ts';
import { buildViewTypes } from './build-view-types.ts';
import { compressPage } from './compress-page.ts';
import { sizesTable } from './page-sizes.ts';

const ROOT = dirname(import.meta.dirname);

if (process.argv[2] === '--page') await buildPage();
else await buildAll();

async function buildPage(): Promise<void> {
  await inStage('dist/client', buildPageInto);
}

async function buildAll(): Promise<void> {
  rmSync(join(ROOT, 'tmp/page.stamp'), { force: true });
  await inStage('dist', async (stage) => {
    compile(stage);
    copyAssets(stage);
    await buildPageInto(join(stage, 'client'));
    await buildSdk(join(stage, 'sdk'));
    buildViewTypes(join(stage, 'view'));
  });
}

async function buildPageInto(folder: string): Promise<void> {
  console.log(sizesTable(await buildClient(folder)));
  await compressPage(folder);
}

/** Builds into a new folder, then replaces the old one, so that a server never reads a half-built folder. */
async function inStage(target: string, build: (stage: string) => Promise<void>): Promise<void> {
  mkdirSync(join(ROOT, 'tmp'), { recursive: true });
  const work = mkdtempSync(join(ROOT, 'tmp/build-'));
  const stage = join(work, 'new');
  const place = join(ROOT, target);
  try {
    mkdirSync(stage);
    await build(stage);
    mkdirSync(dirname(place), { recursive: true });
    if (existsSync(place)) renameSync(place, join(work, 'old'));
    renameSync(stage, place);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function compile(stage: string): void {
  execFileSync('node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', stage], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  for (const file of globSync('**/*.js', { cwd: stage })) pointAtCompiled(join(stage, file));
}

/**
 * tsc rewrites the `.ts` of imports, but not that of worker threads: `new URL('./encode.worker.ts', import.meta.url)`.
 * Throws if a name then has no file.
 */
function pointAtCompiled(path: string): void {
  const source = readFileSync(path, 'utf8');
  const rewritten = source.replace(
    /(new URL\(\s*)(['"])(\.[^'"]*)\.ts\2(\s*,\s*import\.meta\.url)/g,
    (_match, before: string, quote: string, name: string, after: string) => {
      const target = join(dirname(path), `${name}.js`);
      if (!existsSync(target)) throw new Error(`${path} starts ${name}.ts, which was not compiled`);
      return `${before}${quote}${name}.js${quote}${after}`;
    },
  );
  if (rewritten !== source) writeFileSync(path, rewritten);
}

function copyAssets(stage: string): void {
  const notAssets = ['client/**', 'pixels/kernels/assembly/**', '**/*.ts', '**/tsconfig.json', '**/*.md'];
  for (const entry of globSync('**/*', {
    cwd: join(ROOT, 'src'),
    withFileTypes: true,
    exclude: notAssets,
  })) {
    if (!entry.isFile()) continue;
    const from = join(entry.parentPath, entry.name);
    cpSync(from, join(stage, from.slice(join(ROOT, 'src').length)));
  }
}
