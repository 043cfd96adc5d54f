import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = dirname(import.meta.dirname);

/** Folders whose packages are locked: of the product and its tests, and of the fuzzer, which is installed apart. */
export const LOCKED_FOLDERS: readonly string[] = [ROOT, join(ROOT, 'scripts/fuzz')];

/** One package of a lock file. */
export interface LockedPackage {
  readonly license?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The packages of one lock file, by the path where they are installed. The empty path is the folder itself. */
export type LockedPackages = Readonly<Record<string, LockedPackage>>;

/** Reads the lock file of each folder. */
export const readLockFiles = (): LockedPackages[] =>
  LOCKED_FOLDERS.map(
    (folder) => JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages,
  );
