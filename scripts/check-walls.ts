/** Prints each breach of the walls in walls.ts. Exits with 1 if there is one. */
import { dirname } from 'node:path';
import { breaches } from './walls.ts';

const found = breaches(dirname(import.meta.dirname));
for (const breach of found) console.log(breach);
process.exitCode = found.length === 0 ? 0 : 1;
