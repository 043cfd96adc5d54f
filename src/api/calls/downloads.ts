import { constants } from 'node:fs';
import { lstat, open, readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, sep } from 'node:path';
import { Type } from 'typebox';
import { type Call, defineCall, json } from '../contract/call.ts';
import { apiProblem } from '../contract/errors.ts';
import { timestamp } from './timestamp.ts';

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

type File = Type.Static<typeof File>;

/** What the session's user has downloaded. */
export function downloadCalls(folder: string = join(homedir(), 'Downloads')): Call[] {
  return [
    defineCall({
      method: 'GET',
      path: '/downloads',
      summary: 'List a folder of the downloads',
      description: 'A link is listed as itself. Nothing outside the Downloads folder is ever listed.',
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
      handle: async ({ parameters }) => json({ files: await listFolder(folder, parameters.path) }),
    }),
  ];
}

async function listFolder(root: string, path: string): Promise<File[]> {
  const realRoot = await realpath(root).catch(() => undefined);
  // No Downloads folder yet: nothing has been downloaded.
  if (realRoot === undefined && path === '') return [];
  if (realRoot === undefined || path.includes('\0')) throw noSuchFolder();
  // The folder is opened first and only then asked where it is: no link can be swapped in between.
  const handle = await open(join(realRoot, path), constants.O_RDONLY | constants.O_DIRECTORY).catch(() => {
    throw noSuchFolder();
  });
  try {
    const opened = `/proc/self/fd/${handle.fd}`;
    const where = await readlink(opened);
    if (where !== realRoot && !where.startsWith(`${realRoot}${sep}`)) throw noSuchFolder();
    const [users, groups] = await Promise.all([namesOf('/etc/passwd'), namesOf('/etc/group')]);
    const names = (await readdir(opened)).sort();
    const files = await Promise.all(names.map((name) => describe(opened, name, users, groups)));
    return files.filter((file) => file !== undefined);
  } finally {
    await handle.close();
  }
}

/** Whether it is missing or outside is not told apart: what lies outside is nobody's to ask. */
const noSuchFolder = (): Error => apiProblem('API_NO_SUCH_FOLDER');

/** Undefined where the file went away meanwhile. */
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

/** Names by number, of a file in the form of `/etc/passwd`. */
async function namesOf(path: string): Promise<Map<number, string>> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const names = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [name = '', , id = ''] = line.split(':');
    if (name !== '' && id !== '' && !names.has(Number(id))) names.set(Number(id), name);
  }
  return names;
}
