/** Checks the licences of all locked packages. */
import { type LockedPackages, readLockFiles } from './lock-files.ts';

/** Licences that ask for no more than a notice. The product may be given away with such packages under MIT. */
const ALLOWED: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'Zlib',
]);

/** Packages with another licence, or none in the lock file, each with the reason why that is acceptable. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  '@novnc/novnc': 'MPL-2.0; only tests load it, unchanged',
  'axe-core': 'MPL-2.0; only tests load it, unchanged',
  'caniuse-lite': 'CC-BY-4.0; a table of browsers, which only the fuzzer installs',
  x11: 'MIT, by its LICENSE file; package.json has it in the old field "licenses"',
};

/** Lists each package whose licence is not allowed, and each exception that no package needs any more. */
export function licenceFaults(lockFiles: readonly LockedPackages[]): string[] {
  const found: string[] = [];
  const unused = new Set(Object.keys(EXCEPTIONS));
  for (const [path, { license }] of lockFiles.flatMap((packages) => Object.entries(packages))) {
    // The first entry is the product itself.
    if (path === '' || (license !== undefined && isAllowed(license))) continue;
    const name = path.replace(/^.*node_modules\//, '');
    if (Object.hasOwn(EXCEPTIONS, name)) unused.delete(name);
    else found.push(`${name}: its licence is ${license ?? 'not in the lock file'}; see scripts/licences.ts`);
  }
  for (const name of unused) found.push(`${name}: needs no exception; remove it from scripts/licences.ts`);
  return found;
}

/** Whether an SPDX expression allows a use under the allowed licences alone. `AND` binds tighter than `OR`. */
export function isAllowed(expression: string): boolean {
  const text = expression.replace(/^\(([^()]*)\)$/, '$1').trim();
  // Nested expressions have not occurred. They count as not allowed, so that a person looks.
  if (/[()]/.test(text)) return false;
  return text.split(/ OR /).some((choice) => choice.split(/ AND /).every((one) => ALLOWED.has(one.trim())));
}

if (import.meta.main) {
  const found = licenceFaults(readLockFiles());
  for (const line of found) console.log(line);
  process.exitCode = found.length === 0 ? 0 : 1;
}
