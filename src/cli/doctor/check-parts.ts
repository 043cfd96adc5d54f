import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadCLibrary } from '../../common/c-library.ts';
import { type Finding, failed, ok, reasonOf, warning } from './finding.ts';

/** Checks that the parts of the program are there: its packages, which have binaries, and the page. */
export async function checkParts(): Promise<Finding[]> {
  return [await checkModules(), checkLibrary()];
}

async function checkModules(): Promise<Finding> {
  const remedy = 'install the packages again: npm ci in a checkout, else npm install deskwire';
  try {
    const { PAGE_FOLDER } = await import('../../http/page-folder.ts');
    if (existsSync(join(PAGE_FOLDER, 'index.html'))) return ok('program', `Node.js ${process.versions.node}`);
    const detail = `browsers get no page, because ${PAGE_FOLDER} is not built`;
    return warning('program', detail, 'run npm start or npm run build once');
  } catch (error) {
    return failed('program', reasonOf(error), remedy);
  }
}

function checkLibrary(): Finding {
  try {
    loadCLibrary();
    return ok('c-library', 'can be called');
  } catch (error) {
    const detail = `cannot be called, so that more memory is kept and orphans are not reaped: ${reasonOf(error)}`;
    return warning('c-library', detail, 'install the optional package koffi: npm install --include=optional');
  }
}
