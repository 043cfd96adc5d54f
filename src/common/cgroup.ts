import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Limits of the process's control groups. Undefined means no limit, or a value that cannot be read. */
export interface Cgroup {
  readonly version: 1 | 2 | undefined;
  /** CPUs' worth of time. */
  readonly cpuLimit: number | undefined;
  readonly memoryLimitBytes: number | undefined;
  readonly memoryUsedBytes: number | undefined;
  /** Periods in which the CPU limit applied. */
  readonly throttling: Throttling | undefined;
  /** CPU time that the group has used. */
  readonly cpuTime: CpuTime | undefined;
  /** Share of the CPU beside other groups: 1-10000 in version 2, cpu.shares in version 1. */
  readonly cpuWeight: number | undefined;
  /** Processors that the group may use, such as `0-3,7`. Undefined: all. */
  readonly processors: string | undefined;
}

interface CpuTime {
  readonly usageUs: number;
  readonly userUs: number;
  readonly systemUs: number;
}

interface Throttling {
  readonly periods: number;
  readonly throttledPeriods: number;
  readonly throttledUs: number;
}

/** Version 1 has this value for "no limit": the largest number of whole pages. */
const V1_NO_LIMIT = 2 ** 62;

/** Finds the folders of a controller for this process: its group first, then the parents. */
type Folders = (controller: string) => readonly string[];

/** Finds these folders. Tests give another folder as `root`. */
export async function findFolders(root = '/'): Promise<Folders> {
  const memberships = parseMemberships(await text(join(root, 'proc/self/cgroup')));
  const mounts = parseMounts(await text(join(root, 'proc/self/mountinfo')));
  return (controller) => {
    const mount = mounts.find(({ controllers }) => controllers.includes(controller));
    const path = memberships.get(controller);
    if (mount === undefined || path === undefined) return [];
    return ancestry(relativeTo(mount.root, path)).map((folder) => join(root, mount.point, folder));
  };
}

/** Reads the limits of this process (cgroups(7)). Tests give another folder as `root`. */
export async function readCgroup(root = '/'): Promise<Cgroup> {
  const foldersOf = await findFolders(root);
  const v1 = foldersOf('memory').length > 0 || foldersOf('cpu').length > 0;
  if (v1) return readV1(foldersOf);
  const unified = foldersOf('');
  return unified.length > 0
    ? readV2(unified)
    : {
        version: undefined,
        cpuLimit: undefined,
        memoryLimitBytes: undefined,
        memoryUsedBytes: undefined,
        throttling: undefined,
        cpuTime: undefined,
        cpuWeight: undefined,
        processors: undefined,
      };
}

/** The memory of a control group that has a limit. */
interface MemoryGroup {
  readonly limitBytes: number;
  /** Bytes in use, without the contents of files that the system drops first. */
  readonly neededBytes: number;
}

/** Names of a version of cgroups. */
interface MemoryFiles {
  readonly limit: string;
  readonly used: string;
  /** Key in memory.stat of file contents that were not used lately, of the group and those below it. */
  readonly droppable: string;
}

const V1_FILES: MemoryFiles = {
  limit: 'memory.limit_in_bytes',
  used: 'memory.usage_in_bytes',
  droppable: 'total_inactive_file',
};
const V2_FILES: MemoryFiles = { limit: 'memory.max', used: 'memory.current', droppable: 'inactive_file' };

/** Reads the memory of the groups of this process that have a limit. Tests give another folder as `root`. */
export async function readMemoryGroups(root = '/'): Promise<MemoryGroup[]> {
  const foldersOf = await findFolders(root);
  const v1 = foldersOf('memory');
  const [folders, files] = v1.length > 0 ? [v1, V1_FILES] : [foldersOf(''), V2_FILES];
  const groups = await Promise.all(folders.map((folder) => readMemoryGroup(folder, files)));
  return groups.filter((group) => group !== undefined);
}

async function readMemoryGroup(folder: string, files: MemoryFiles): Promise<MemoryGroup | undefined> {
  const [limitBytes, usedBytes, stat] = await Promise.all([
    number(join(folder, files.limit)),
    number(join(folder, files.used)),
    text(join(folder, 'memory.stat')),
  ]);
  if (limitBytes === undefined || limitBytes >= V1_NO_LIMIT || usedBytes === undefined) return undefined;
  return { limitBytes, neededBytes: usedBytes - (parseFlat(stat).get(files.droppable) ?? 0) };
}

async function readV1(foldersOf: Folders): Promise<Cgroup> {
  const [cpu, memory, account] = [foldersOf('cpu'), foldersOf('memory'), foldersOf('cpuacct')];
  const quotas = await Promise.all(
    cpu.map(async (folder) => {
      const quota = await number(join(folder, 'cpu.cfs_quota_us'));
      const period = await number(join(folder, 'cpu.cfs_period_us'));
      return quota !== undefined && quota > 0 && period !== undefined ? quota / period : undefined;
    }),
  );
  const limits = await Promise.all(memory.map((folder) => number(join(folder, 'memory.limit_in_bytes'))));
  const stat = parseFlat(await firstText(cpu, 'cpu.stat'));
  return {
    version: 1,
    cpuLimit: least(quotas),
    memoryLimitBytes: least(
      limits.map((limit) => (limit !== undefined && limit < V1_NO_LIMIT ? limit : undefined)),
    ),
    memoryUsedBytes: await firstNumber(memory, 'memory.usage_in_bytes'),
    throttling: throttlingOf(stat, (stat.get('throttled_time') ?? 0) / 1000),
    cpuTime: cpuTimeOf(
      await firstNumber(account, 'cpuacct.usage'),
      await firstNumber(account, 'cpuacct.usage_user'),
      await firstNumber(account, 'cpuacct.usage_sys'),
      1000,
    ),
    cpuWeight: await firstNumber(cpu, 'cpu.shares'),
    processors: await firstLine(foldersOf('cpuset'), 'cpuset.cpus'),
  };
}

async function readV2(folders: readonly string[]): Promise<Cgroup> {
  const quotas = await Promise.all(
    folders.map(async (folder) => {
      const [quota = 'max', period = ''] = ((await text(join(folder, 'cpu.max'))) ?? '').trim().split(' ');
      return quota === 'max' ? undefined : finite(Number(quota) / Number(period));
    }),
  );
  const limits = await Promise.all(folders.map((folder) => number(join(folder, 'memory.max'))));
  const stat = parseFlat(await firstText(folders, 'cpu.stat'));
  return {
    version: 2,
    cpuLimit: least(quotas),
    memoryLimitBytes: least(limits),
    memoryUsedBytes: await firstNumber(folders, 'memory.current'),
    throttling: throttlingOf(stat, stat.get('throttled_usec') ?? 0),
    cpuTime: cpuTimeOf(stat.get('usage_usec'), stat.get('user_usec'), stat.get('system_usec'), 1),
    cpuWeight: await firstNumber(folders, 'cpu.weight'),
    processors: await firstLine(folders, 'cpuset.cpus'),
  };
}

function throttlingOf(stat: ReadonlyMap<string, number>, throttledUs: number): Throttling | undefined {
  const periods = stat.get('nr_periods');
  if (periods === undefined) return undefined;
  return { periods, throttledPeriods: stat.get('nr_throttled') ?? 0, throttledUs: Math.round(throttledUs) };
}

/** `unitsPerUs` of the numbers: version 1 counts nanoseconds. */
function cpuTimeOf(
  usage: number | undefined,
  user: number | undefined,
  system: number | undefined,
  unitsPerUs: number,
): CpuTime | undefined {
  if (usage === undefined) return undefined;
  const us = (units: number): number => Math.round(units / unitsPerUs);
  return { usageUs: us(usage), userUs: us(user ?? 0), systemUs: us(system ?? 0) };
}

/** Path of the group by controller. The unified hierarchy has an empty name. */
function parseMemberships(file: string | undefined): Map<string, string> {
  const memberships = new Map<string, string>();
  for (const line of (file ?? '').split('\n')) {
    const [, controllers, ...path] = line.split(':');
    for (const controller of controllers?.split(',') ?? []) memberships.set(controller, path.join(':'));
  }
  return memberships;
}

interface Mount {
  readonly point: string;
  /** The group at the mount point. */
  readonly root: string;
  readonly controllers: readonly string[];
}

function parseMounts(file: string | undefined): Mount[] {
  const mounts: Mount[] = [];
  for (const line of (file ?? '').split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root = '', point = ''] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    if (type === 'cgroup2') mounts.push({ point, root, controllers: [''] });
    else if (type === 'cgroup') mounts.push({ point, root, controllers: options.split(',') });
  }
  return mounts;
}

/** Path of a group below the mount point. In a container, the mount point may be the container's own group. */
function relativeTo(root: string, path: string): string {
  if (root === '/') return path;
  return path === root || path.startsWith(`${root}/`) ? path.slice(root.length) || '/' : '/';
}

/** A group and its parents, whose limits apply as well. */
function ancestry(path: string): string[] {
  return path === '/' || path === '' || path === '.' ? ['/'] : [path, ...ancestry(dirname(path))];
}

async function text(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

async function number(path: string): Promise<number | undefined> {
  const content = (await text(path))?.trim();
  return content === undefined || content === '' ? undefined : finite(Number(content));
}

async function firstText(folders: readonly string[], file: string): Promise<string | undefined> {
  for (const folder of folders) {
    const content = await text(join(folder, file));
    if (content !== undefined) return content;
  }
  return undefined;
}

async function firstNumber(folders: readonly string[], file: string): Promise<number | undefined> {
  const content = (await firstText(folders, file))?.trim();
  return content === undefined || content === '' ? undefined : finite(Number(content));
}

async function firstLine(folders: readonly string[], file: string): Promise<string | undefined> {
  return (await firstText(folders, file))?.trim() || undefined;
}

function parseFlat(content: string | undefined): Map<string, number> {
  const pairs = (content ?? '').split('\n').map((line) => line.split(' '));
  return new Map(
    pairs.filter(([, value]) => value !== undefined).map(([key = '', value]) => [key, Number(value)]),
  );
}

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);

function least(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
