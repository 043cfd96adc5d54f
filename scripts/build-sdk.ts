/**
 * Builds the client library into a folder: `index.js` for all platforms, `node.js` with what only Node.js has, and their
 * types. The types are made from the schemas with which the server checks its calls. The folder imports nothing.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describedCalls } from '../src/api/api.ts';
import { packageVersion } from '../src/config/package-version.ts';
import { errorCodes } from './errors-page.ts';
import { clientText } from './sdk/client-text.ts';

const ROOT = dirname(import.meta.dirname);

/** Oldest platforms: Node.js 20, and browsers of 2023. */
const TARGET = 'es2022';

const COMPILER_OPTIONS = {
  ...{ target: TARGET, lib: [TARGET, 'dom', 'dom.iterable', 'dom.asynciterable'] },
  ...{ module: 'esnext', moduleResolution: 'bundler', rewriteRelativeImportExtensions: true },
  ...{ strict: true, noUncheckedIndexedAccess: true, verbatimModuleSyntax: true, skipLibCheck: true },
  ...{ declaration: true, types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')] },
};

export async function buildSdk(outdir: string): Promise<void> {
  mkdirSync(join(ROOT, 'tmp'), { recursive: true });
  const work = mkdtempSync(join(ROOT, 'tmp/build-sdk-'));
  try {
    for (const file of globSync('src/sdk/*.ts', { cwd: ROOT, exclude: ['**/*.test.ts'] })) {
      // The types of events are those of the server. In the package they lie beside the client.
      const source = readFileSync(join(ROOT, file), 'utf8').replaceAll(
        "'../events/event.ts'",
        "'./event.ts'",
      );
      writeFileSync(join(work, basename(file)), source);
    }
    copyFileSync(join(ROOT, 'src/events/event.ts'), join(work, 'event.ts'));
    writeFileSync(join(work, 'index.ts'), clientText(packageVersion(), describedCalls(), await errorCodes()));
    const options = { ...COMPILER_OPTIONS, rootDir: work, outDir: outdir };
    const config = { compilerOptions: options, files: ['index.ts', 'node.ts'] };
    writeFileSync(join(work, 'tsconfig.json'), JSON.stringify(config));
    execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', work], {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    // Only its types are used.
    rmSync(join(outdir, 'event.js'));
    for (const file of globSync('*.d.ts', { cwd: outdir })) {
      const path = join(outdir, file);
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/(from '\.\/[\w-]+)\.ts'/g, "$1.js'"));
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
