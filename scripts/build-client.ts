import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { type PageSize, pageSizes, sizesTable } from './page-sizes.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = join(ROOT, 'src/client');
const TARGET = join(ROOT, 'dist/client');

/** The pages, and the sources to bundle in place of the files that they name. Bundles have a hash in their names. */
const PAGES: Readonly<Record<string, readonly string[]>> = {
  'index.html': ['main.ts', 'style.css'],
  'fleet.html': ['fleet/fleet.ts', 'fleet/fleet.css'],
};
/** What runs in a desktop's document, before any of its files has come. The page names it as if it were a file. */
const IN_DOCUMENT = {
  ...{ page: 'index.html', in: join(SOURCE, 'begin-early.ts') },
  named: '<script src="./begin-early.js"></script>',
};
/** The element for pages of others, by the name that they import it by. */
const ELEMENT = { in: join(SOURCE, 'view/deskwire-view.ts'), out: 'view' };
/** What keeps the page's files in the browser. Its name never changes: the browser looks there for a new one. */
const WORKER = { in: join(SOURCE, 'worker/service-worker.ts'), out: 'service-worker' };
/** Files that are copied. scripts/draw-icons.ts draws the icons. */
const STATIC_FILES = [
  'favicon.svg',
  'manifest.webmanifest',
  ...['icon-180.png', 'icon-192.png', 'icon-512.png', 'icon-maskable-512.png'].map((name) => `icons/${name}`),
];
/** Files that the page does not need while the server is away: what is for other pages, and icons of the system. */
const NOT_KEPT = /\.(map|br)$|^view\.js$|^index\.html$|^fleet[-.]|^icon-.*\.png$/;

/** esbuild's options for a page in `outdir`. */
export function clientBuildOptions(outdir: string): BuildOptions & { metafile: true; absWorkingDir: string } {
  return {
    absWorkingDir: ROOT,
    entryPoints: Object.values(PAGES).flatMap((entries) => entries.map((entry) => join(SOURCE, entry))),
    entryNames: '[name]-[hash]',
    outdir,
    bundle: true,
    // What the page loads later is in files of its own.
    splitting: true,
    chunkNames: '[name]-[hash]',
    format: 'esm',
    platform: 'browser',
    loader: { '.wasm': 'binary' },
    target: ['chrome119', 'firefox128', 'safari17.4'],
    minify: true,
    sourcemap: 'linked',
    metafile: true,
    logLevel: 'warning',
  };
}

/**
 * Builds the pages, their scripts and styles with a hash in their names, and the static files. Resolves with the sizes of
 * what the page loads.
 */
export async function buildClient(outdir = TARGET): Promise<PageSize[]> {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  const options = clientBuildOptions(outdir);
  const { metafile } = await build(options);
  await build({ ...options, entryPoints: [ELEMENT], entryNames: '[name]', splitting: false });
  const early = await scriptInDocument(options);
  for (const [page, entries] of Object.entries(PAGES)) {
    let html = await readFile(join(SOURCE, page), 'utf8');
    if (page === IN_DOCUMENT.page && !html.includes(IN_DOCUMENT.named))
      throw new Error(`${page} does not name begin-early.js`);
    html = html.replace(IN_DOCUMENT.named, () => `<script>${early}</script>`);
    for (const entry of entries) {
      const written = outputOf(metafile, relative(ROOT, join(SOURCE, entry)));
      const named = `./${entry.replace('.ts', '.js')}`;
      if (!html.includes(`"${named}"`)) throw new Error(`${page} does not name ${named}`);
      html = html.replace(`"${named}"`, `"./${basename(written)}"`);
      html = html.replace('</head>', `${importedBy(metafile, written).map(preload).join('')}</head>`);
    }
    await writeFile(join(outdir, page), html);
  }
  await Promise.all(STATIC_FILES.map((file) => copyFile(join(SOURCE, file), join(outdir, basename(file)))));
  const worker = await buildWorker(outdir, options);
  return pageSizes(outdir, 'index.html', { ...metafile.outputs, ...worker.outputs });
}

async function scriptInDocument(options: BuildOptions): Promise<string> {
  const { outputFiles } = await build({
    ...options,
    entryPoints: [IN_DOCUMENT.in],
    format: 'iife',
    splitting: false,
    sourcemap: false,
    write: false,
  });
  return outputFiles[0]!.text.trim();
}

/** Builds the service worker, with the names of the files that it keeps. A change of any of them makes another worker. */
async function buildWorker(outdir: string, options: BuildOptions & { metafile: true }): Promise<Metafile> {
  const digest = createHash('sha256');
  const files = (await readdir(outdir)).filter((name) => !NOT_KEPT.test(name)).sort();
  for (const name of [...files, 'index.html']) digest.update(await readFile(join(outdir, name)));
  const { metafile } = await build({
    ...options,
    entryPoints: [WORKER],
    entryNames: '[name]',
    format: 'iife',
    splitting: false,
    define: {
      PAGE_FILES: JSON.stringify(files),
      PAGE_DIGEST: JSON.stringify(digest.digest('hex').slice(0, 16)),
    },
  });
  return metafile;
}

/** The files that a script imports before it runs. Without a hint, the browser finds them only in the script. */
const importedBy = (metafile: Metafile, path: string): string[] =>
  metafile.outputs[path]!.imports.filter(({ kind }) => kind === 'import-statement').map(
    ({ path: file }) => file,
  );

const preload = (path: string): string => `  <link rel="modulepreload" href="./${basename(path)}" />\n  `;

function outputOf(metafile: Metafile, entryPoint: string): string {
  for (const [path, output] of Object.entries(metafile.outputs)) {
    if (output.entryPoint === entryPoint) return path;
  }
  throw new Error(`The bundler wrote nothing for ${entryPoint}`);
}

if (import.meta.main) console.log(sizesTable(await buildClient()));
