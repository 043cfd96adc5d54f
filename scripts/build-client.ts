import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = join(ROOT, 'src/client');
const TARGET = join(ROOT, 'dist/client');

/** Files that index.html names, and the sources to bundle in their place. Bundles have a hash in their names. */
const ENTRIES = ['main.ts', 'style.css'] as const;
/** Files that are copied. */
const STATIC_FILES = ['favicon.svg'] as const;

/** esbuild's options for a page in `outdir`. */
export function clientBuildOptions(outdir: string): BuildOptions & { metafile: true; absWorkingDir: string } {
  return {
    absWorkingDir: ROOT,
    entryPoints: ENTRIES.map((entry) => join(SOURCE, entry)),
    entryNames: '[name]-[hash]',
    outdir,
    bundle: true,
    // What the page loads later is in files of its own.
    splitting: true,
    chunkNames: '[name]-[hash]',
    format: 'esm',
    platform: 'browser',
    target: ['chrome119', 'firefox128', 'safari17.4'],
    minify: true,
    sourcemap: 'linked',
    metafile: true,
    logLevel: 'warning',
  };
}

/** Builds the page: index.html, its script and style with a hash in their names, and the static files. */
export async function buildClient(outdir = TARGET): Promise<void> {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  const options = clientBuildOptions(outdir);
  const { metafile } = await build(options);
  let html = await readFile(join(SOURCE, 'index.html'), 'utf8');
  for (const entry of ENTRIES) {
    const written = outputOf(metafile, relative(ROOT, join(SOURCE, entry)));
    const named = `./${entry.replace('.ts', '.js')}`;
    if (!html.includes(`"${named}"`)) throw new Error(`index.html does not name ${named}`);
    html = html.replace(`"${named}"`, `"./${basename(written)}"`);
  }
  await writeFile(join(outdir, 'index.html'), html);
  await Promise.all(STATIC_FILES.map((file) => copyFile(join(SOURCE, file), join(outdir, file))));
}

function outputOf(metafile: Metafile, entryPoint: string): string {
  for (const [path, output] of Object.entries(metafile.outputs)) {
    if (output.entryPoint === entryPoint) return path;
  }
  throw new Error(`The bundler wrote nothing for ${entryPoint}`);
}

if (import.meta.main) await buildClient();
