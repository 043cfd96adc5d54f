/**
 * Writes the types of `deskwire/view` into a folder: those of the element, made from its source, and those that it names.
 * They import nothing else, so that a program needs no more than the DOM's types.
 */
import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = dirname(import.meta.dirname);
const SOURCE = join(ROOT, 'src/client');
/** The element, and the types that it names. */
const MODULES = ['deskwire-view', 'element-types'] as const;

export function buildViewTypes(outdir: string): void {
  mkdirSync(join(ROOT, 'tmp'), { recursive: true });
  const work = mkdtempSync(join(ROOT, 'tmp/build-view-types-'));
  try {
    const config = {
      extends: join(SOURCE, 'tsconfig.json'),
      compilerOptions: {
        ...{ noEmit: false, declaration: true, emitDeclarationOnly: true, removeComments: false },
        ...{ rootDir: join(ROOT, 'src'), outDir: work },
      },
      files: [join(SOURCE, 'view/deskwire-view.ts'), ...ofFilesThatAreNoModules()],
      include: [],
    };
    writeFileSync(join(work, 'tsconfig.json'), JSON.stringify(config));
    execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', work], {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    mkdirSync(outdir, { recursive: true });
    for (const name of MODULES) {
      const text = readFileSync(join(work, `client/view/${name}.d.ts`), 'utf8');
      writeFileSync(join(outdir, `${name}.d.ts`), withNames(text));
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What says which types stylesheets and WebAssembly modules have for who imports them. */
const ofFilesThatAreNoModules = (): string[] =>
  globSync('**/*.d.ts', { cwd: SOURCE }).map((file) => join(SOURCE, file));

/** Has imports name the compiled files. Throws if there is one of a file that the package does not carry. */
function withNames(text: string): string {
  return text.replaceAll(
    /(from|import\()(\s*)(['"])([^'"]+)\3/g,
    (_whole, how, space, quote, from: string) => {
      const name = MODULES.find((module) => from === `./${module}.ts`);
      if (name === undefined)
        throw new Error(`The types of deskwire/view name ${from}, which is not in the package.`);
      return `${how}${space}${quote}./${name}.js${quote}`;
    },
  );
}
