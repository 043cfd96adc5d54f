import { fileURLToPath } from 'node:url';

/** Folder of the built page: beside this one in the package, in `dist` in a checkout. */
export const PAGE_FOLDER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../dist/client' : '../client', import.meta.url),
);
