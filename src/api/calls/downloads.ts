import { constants } from 'node:fs';
import { lstat, open, opendir, readFile, readlink, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, sep } from 'node:path';
import type { Static } from 'typebox';
import { type Call, defineCall, json } from '../contract/call.ts';
import { apiProblem } from '../contract/errors.ts';
import { Type } from '../contract/schema.ts';
import { timestamp } from './timestamp.ts';

/** Files listed of one folder. Larger answers take more memory, a smaller number hides files. About 250 bytes each. */
const MAX_FILES = 10_000;

const File = Type.Object({
  filename: Type.String(),
  date_modified: Type.String({ description: '`YYYY-MM-DD HH:MM:SS`, UTC' }),
  date_created: Type.String({ description: '`YYYY-MM-DD HH:MM:SS`, UTC' }),
  is_dir: Type.Boolean(),
  size: Type.Integer({ minimum: 0, description: 'Bytes' }),
  owner: Type.String(),
  group: Type.String(),
  perms: Type.String({ description: 'As `ls` writes them, such as `rw-r--r--`' }),
});

type File = Static<typeof File>;

/**
 * The call that lists the Downloads folder of the user whose desktop it is. `folder` is given if that is another user
 * than the server's own.
 */
export function downloadCalls(folder?: string): Call[] {
  const rootOf = () =>
    folder === undefined ? realpath(join(homedir(), 'Downloads')) : folderOfOther(folder);
  return [
    defineCall({
      method: 'GET',
      path: '/downloads',
      scope: 'files',
      summary: 'List a folder of the downloads',
      description:
        'A link is listed as itself. Nothing outside the Downloads folder is listed. ' +
        `A folder with more than ${MAX_FILES} files is listed in part.`,
      changes: false,
      parameters: Type.Object({
        path: Type.String({
          default: '',
          description: 'A folder below Downloads; empty for Downloads itself',
        }),
      }),
      answers: {
        200: {
          description: 'By name',
          content: { 'application/json': Type.Object({ files: Type.Array(File) }) },
        },
      },
      handle: async ({ parameters, signal }) =>
        json({ files: await listFolder(await rootOf().catch(() => undefined), parameters.path, signal) }),
    }),
  ];
}

/**
 * Returns the real path of a folder in the home of another user. That user could make it a link to a folder that only
 * the server may read, so a link is no folder. Rejects if there is none.
 */
async function folderOfOther(folder: string): Promise<string> {
  const path = join(await realpath(dirname(folder)), basename(folder));
  if (!(await lstat(path)).isDirectory()) throw noSuchFolder();
  return path;
}

/** `realRoot` has no links in it. Undefined if there is no such folder. */
async function listFolder(realRoot: string | undefined, path: string, signal: AbortSignal): Promise<File[]> {
  // Programs make the folder with the first download.
  if (realRoot === undefined && path === '') return [];
  if (realRoot === undefined || path.includes('\0')) throw noSuchFolder();
  // The folder is opened before its path is read, so that no link can be replaced in between.
  const handle = await open(join(realRoot, path), constants.O_RDONLY | constants.O_DIRECTORY).catch(() => {
    throw noSuchFolder();
  });
  try {
    const opened = `/proc/self/fd/${handle.fd}`;
    const where = await readlink(opened);
    if (where !== realRoot && !where.startsWith(`${realRoot}${sep}`)) throw noSuchFolder();
    const [users, groups] = await Promise.all([namesOf('/etc/passwd'), namesOf('/etc/group')]);
    const files: File[] = [];
    for (const name of (await namesIn(opened)).sort()) {
      signal.throwIfAborted();
      const file = await describe(opened, name, users, groups);
      if (file !== undefined) files.push(file);
    }
    return files;
  } finally {
    await handle.close();
  }
}

/** The names in a folder, up to MAX_FILES of them. */
async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of await opendir(folder)) {
    names.push(name);
    if (names.length === MAX_FILES) break;
  }
  return names;
}

/** The same for a folder that is missing and one that is outside, so that callers learn nothing about the latter. */
const noSuchFolder = (): Error => apiProblem('API_NO_SUCH_FOLDER');

/** Returns undefined for a file that has been removed meanwhile. */
async function describe(
  folder: string,
  name: string,
  users: ReadonlyMap<number, string>,
  groups: ReadonlyMap<number, string>,
): Promise<File | undefined> {
  const stats = await lstat(join(folder, name)).catch(() => undefined);
  if (stats === undefined) return undefined;
  return {
    filename: name,
    date_modified: timestamp(stats.mtime),
    date_created: timestamp(stats.birthtime),
    is_dir: stats.isDirectory(),
    size: stats.size,
    owner: users.get(stats.uid) ?? String(stats.uid),
    group: groups.get(stats.gid) ?? String(stats.gid),
    perms: permissions(stats.mode),
  };
}

function permissions(mode: number): string {
  return [...'rwxrwxrwx'].map((letter, index) => ((mode >> (8 - index)) & 1 ? letter : '-')).join('');
}

/** Reads the names by number from a file in the format of `/etc/passwd`. */
async function namesOf(path: string): Promise<Map<number, string>> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const names = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [name = '', , id = ''] = line.split(':');
    if (name !== '' && id !== '' && !names.has(Number(id))) names.set(Number(id), name);
  }
  return names;
}
