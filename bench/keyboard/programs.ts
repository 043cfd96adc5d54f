import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  chromiumField,
  contents,
  gtkField,
  type TypingField,
  xtermField,
} from '../../test/support/typing-fields.ts';

/** A program that the bench types into. */
export interface TypedProgram {
  readonly name: string;
  /** Debian packages that it needs. */
  readonly packages: readonly string[];
  create(folder: string): TypingField | Promise<TypingField>;
  /** For a program below an input method: program and arguments that choose pinyin. */
  pinyin?(): readonly string[];
}

const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export const PROGRAMS: readonly TypedProgram[] = [
  { name: 'xterm', packages: ['xterm'], create: xtermField },
  { name: 'Chromium', packages: ['chromium'], create: chromiumField },
  {
    name: 'GTK 3',
    packages: ['python3-gi', 'gir1.2-gtk-3.0'],
    create: (folder) => gtkField(folder, '3.0'),
  },
  {
    name: 'GTK 4',
    packages: ['python3-gi', 'gir1.2-gtk-4.0'],
    create: (folder) => gtkField(folder, '4.0'),
  },
  fileField('Qt', ['python3-pyqt5'], (file) => `/usr/bin/python3 ${fileOf('qt-field.py')} ${file}`),
  fileField(
    'Writer',
    ['libreoffice-writer', 'python3-uno'],
    (file) => `/usr/bin/python3 ${fileOf('writer-field.py')} ${file}`,
  ),
  fileField('Swing', ['default-jdk'], (file) => `java ${fileOf('SwingField.java')} ${file}`),
];

/** A program that writes what it got to a file. */
function fileField(
  name: string,
  packages: readonly string[],
  command: (file: string) => string,
): TypedProgram {
  return {
    name,
    packages,
    create: (folder) => {
      const file = join(folder, `${name}.txt`);
      return { name, command: command(file), typed: () => contents(file), close: () => undefined };
    },
  };
}

/** Installs the Debian packages that a program lacks, as root. Returns those that it still lacks. */
export function installPackages({ packages }: TypedProgram): readonly string[] {
  const missing = packages.filter((name) => !isInstalled(name));
  if (missing.length === 0 || process.getuid?.() !== 0 || !existsSync(APT_GET)) return missing;
  console.error(`installing ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync(APT_GET, [...WAITING, 'install', '-qq', '-y', '--no-install-recommends', ...missing], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return missing.filter((name) => !isInstalled(name));
}

const APT_GET = '/usr/bin/apt-get';
/** Waits for another installation for up to this many seconds. */
const WAITING = ['-o', 'DPkg::Lock::Timeout=120'] as const;
const DPKG_QUERY = '/usr/bin/dpkg-query';
const STATUS = '${db:Status-Status}';

const isInstalled = (name: string): boolean =>
  spawnSync(DPKG_QUERY, ['-W', '-f', STATUS, name], { encoding: 'utf8' }).stdout === 'installed';
