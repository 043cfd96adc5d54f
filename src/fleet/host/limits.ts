import { execFile } from 'node:child_process';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findFolders } from '../../common/cgroup.ts';
import { descendantsOf } from '../../common/process-tree.ts';
import type { DesktopLimits, LimitName } from '../store/fleet-state.ts';

const MIB = 1024 * 1024;

/** Length in µs of the periods in which the kernel counts the time of a group: its default. */
const PERIOD_US = 100_000;

/** Times that a group is tried to be removed, and ms between them: its last processes may still be ending. */
const REMOVE_TRIES = 10;
const REMOVE_PAUSE_MS = 20;

/** Group that the fleet's own process moves to, because with cgroup v2 only leaves have processes. */
const FLEET_LEAF = 'deskwire-fleet';

const PATH = '/usr/bin:/bin:/usr/sbin:/sbin';

/** Enters the groups, the number of which comes first, and becomes the command that follows them. */
const ENTER = `
n=$1
shift
while [ "$n" -gt 0 ]; do
  echo $$ > "$1/cgroup.procs" || exit 1
  shift
  n=$((n - 1))
done
exec "$@"
`;

const run = promisify(execFile);

/** How a limit is written. Its values by the file's name. */
interface Kind {
  readonly controller: string;
  readonly v1: (value: number) => Readonly<Record<string, string>>;
  readonly v2: (value: number) => Readonly<Record<string, string>>;
}

/** Files that keep a group from using swap beyond its memory. A host that does not count swap has none. */
const SWAP = { v1: 'memory.memsw.limit_in_bytes', v2: 'memory.swap.max' } as const;

const KINDS: Readonly<Record<LimitName, Kind>> = {
  memory_mb: {
    controller: 'memory',
    v1: (mb) => ({ 'memory.limit_in_bytes': String(mb * MIB), [SWAP.v1]: String(mb * MIB) }),
    v2: (mb) => ({ 'memory.max': String(mb * MIB), [SWAP.v2]: '0' }),
  },
  cpu_percent: {
    controller: 'cpu',
    v1: (percent) => ({ 'cpu.cfs_period_us': String(PERIOD_US), 'cpu.cfs_quota_us': quota(percent) }),
    v2: (percent) => ({ 'cpu.max': `${quota(percent)} ${PERIOD_US}` }),
  },
  processes: {
    controller: 'pids',
    v1: (count) => ({ 'pids.max': String(count) }),
    v2: (count) => ({ 'pids.max': String(count) }),
  },
};

const quota = (percent: number): string => String((percent * PERIOD_US) / 100);

const groupName = (id: string): string => `deskwire-${id}`;

/** How a desktop is started within its limits. */
export interface PreparedLimits {
  /** Words that the command line begins with. */
  readonly words: readonly string[];
  /** The limits that hold. */
  readonly enforced: readonly LimitName[];
}

/**
 * Makes the control groups of a desktop, as far as the host lets us: version 2, else version 1. The number of processes
 * is otherwise a limit of the desktop's Unix user, if it has one of its own. Tests give another folder as `root`.
 */
export async function prepareLimits(
  limits: DesktopLimits,
  id: string,
  hasOwnUser: boolean,
  root = '/',
): Promise<PreparedLimits> {
  const groups = new Set<string>();
  const enforced: LimitName[] = [];
  for (const [name, value] of Object.entries(limits) as [LimitName, number][]) {
    const parent = await parentOf(KINDS[name].controller, root);
    if (parent === undefined) continue;
    const group = join(parent.folder, groupName(id));
    if (await makeGroup(group, parent, KINDS[name], value)) {
      groups.add(group);
      enforced.push(name);
    } else if (!groups.has(group)) await rmdir(group).catch(() => undefined);
  }
  const words = groups.size === 0 ? [] : ['/bin/sh', '-c', ENTER, 'sh', String(groups.size), ...groups];
  const { processes } = limits;
  if (processes === undefined || enforced.includes('processes') || !hasOwnUser) return { words, enforced };
  // Root itself is exempt from it, its server too.
  const byUser = ['/usr/bin/prlimit', `--nproc=${processes}:${processes}`];
  const isThere = await run(byUser[0]!, ['--version']).then(
    () => true,
    () => false,
  );
  return isThere
    ? { words: [...words, ...byUser], enforced: [...enforced, 'processes'] }
    : { words, enforced };
}

/** Removes the control groups of a desktop that has ended. Leaves those in which a process still runs. */
export async function removeGroups(id: string, root = '/'): Promise<void> {
  const folders = new Set<string>();
  for (const { controller } of Object.values(KINDS)) {
    const parent = (await parentOf(controller, root))?.folder;
    if (parent !== undefined) folders.add(join(parent, groupName(id)));
  }
  for (const folder of folders) {
    for (let i = 0; i < REMOVE_TRIES; i++) {
      const { code } = await rmdir(folder).then(
        () => ({ code: '' }),
        (error: NodeJS.ErrnoException) => error,
      );
      if (code !== 'EBUSY') break;
      await sleep(REMOVE_PAUSE_MS);
    }
  }
}

/** Where the groups of desktops are for a controller. */
interface Parent {
  readonly folder: string;
  readonly version: 1 | 2;
}

async function parentOf(controller: string, root: string): Promise<Parent | undefined> {
  const foldersOf = await findFolders(root);
  const [v1] = foldersOf(controller);
  if (v1 !== undefined) return { folder: v1, version: 1 };
  const [v2] = foldersOf('');
  if (v2 === undefined) return undefined;
  return { folder: basename(v2) === FLEET_LEAF ? dirname(v2) : v2, version: 2 };
}

/** Makes the group for one limit. Resolves with false if that is not possible. */
async function makeGroup(group: string, parent: Parent, kind: Kind, value: number): Promise<boolean> {
  try {
    if (parent.version === 2) await enable(kind.controller, parent.folder);
    await mkdir(group, { recursive: true });
    const files = parent.version === 2 ? kind.v2(value) : kind.v1(value);
    for (const [file, text] of Object.entries(files)) {
      const written = writeFile(join(group, file), text);
      await (Object.values<string>(SWAP).includes(file) ? written.catch(() => undefined) : written);
    }
    // Whether a process may enter it is another right than to make it.
    await run('/bin/sh', ['-c', ENTER, 'sh', '1', group, 'true'], { env: { PATH } });
    return true;
  } catch {
    // The host does not let us: a read-only file system, another owner, or a controller that it keeps.
    return false;
  }
}

/** Lets the groups below one of version 2 have a controller. */
async function enable(controller: string, folder: string): Promise<void> {
  const file = join(folder, 'cgroup.subtree_control');
  const words = async (path: string): Promise<string[]> => (await readFile(path, 'utf8')).trim().split(/\s+/);
  if ((await words(file)).includes(controller)) return;
  try {
    await writeFile(file, `+${controller}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
    // Processes are in the group itself. They may be moved if all are ours, as under systemd and in a container.
    const own = new Set([process.pid, ...descendantsOf(process.pid)]);
    const there = (await words(join(folder, 'cgroup.procs'))).map(Number);
    if (!there.every((pid) => own.has(pid))) throw error;
    const leaf = join(folder, FLEET_LEAF);
    await mkdir(leaf, { recursive: true });
    for (const pid of there) await writeFile(join(leaf, 'cgroup.procs'), String(pid));
    await writeFile(file, `+${controller}`);
  }
}
