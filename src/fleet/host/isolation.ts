import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { findProgram } from '../../desktop/x11/server/launch.ts';

/** Where the system's own programs are: our PATH may have others of the same names. */
const SYSTEM_PATH = '/usr/bin:/bin:/usr/sbin:/sbin';

/** Kernel from which on each mount of /proc has its own `hidepid`. Before, it is that of all containers or of none. */
const LEAST_KERNEL = [5, 8] as const;

/**
 * Time in ms for the probe, which takes 20. A larger value delays the first desktop of a fleet whose system hangs; a
 * smaller one takes a very busy machine for one that cannot isolate, for as long as the fleet runs.
 */
const PROBE_LIMIT_MS = 120_000;

/**
 * Becomes the command in its arguments, behind the folder of the desktop's own files and the paths that stay, one a
 * line. In namespaces of its own, it mounts a /proc that shows only processes of the same user, and puts
 * empty folders of the desktop in place of those in which all users may write. Other users see none of these mounts.
 */
const PROGRAM = `
set -ef
path=$PATH
PATH=${SYSTEM_PATH}
own=$1
kept=$2
shift 2
replace() {
  folder=$1
  place=$own/$2
  if [ ! -d "$folder" ] || [ -L "$folder" ]; then return 0; fi
  mkdir -p "$place"
  if [ "$folder" = /dev/shm ]; then
    mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs "$place"
  else
    chmod 1777 "$place"
  fi
  IFS='
'
  for at in $kept; do
    case $at in "$folder"/*) ;; *) continue ;; esac
    name=\${at#"$folder"/}
    name=\${name%%/*}
    if [ -e "$place/$name" ]; then continue; fi
    if [ -d "$folder/$name" ]; then mkdir "$place/$name"; else : >"$place/$name"; fi
    mount --bind "$folder/$name" "$place/$name"
  done
  unset IFS
  mount --rbind "$place" "$folder"
}
mount -t proc -o nosuid,nodev,noexec,hidepid=2 proc /proc
if [ -d /dev/mqueue ]; then mount -t mqueue mqueue /dev/mqueue; fi
replace /tmp tmp
replace /var/tmp var-tmp
replace /run/lock lock
replace /dev/shm shm
PATH=$path
exec "$@"
`;

export interface IsolationPlaces {
  /** Folder for what is the desktop's own in place of /tmp and the like. Only root may reach it by its path. */
  readonly own: string;
  /**
   * Paths that the command needs, `own` too. Of a folder that is replaced, the whole entry with such a path stays:
   * modules may be beside a program.
   */
  readonly kept: readonly string[];
}

const run = promisify(execFile);
let probe: Promise<string | undefined> | undefined;

/**
 * Says why desktops cannot have a list of processes and a /tmp of their own here, such as in a container without
 * CAP_SYS_ADMIN. Undefined if they can. Looks once.
 */
export function isolationFault(): Promise<string | undefined> {
  probe ??= findFault();
  return probe;
}

/** Warns if desktops of different users cannot be isolated from each other. */
export async function warnIfNotIsolated(log: Logger): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  const reason = await isolationFault();
  if (reason !== undefined)
    log.warn(
      { reason },
      'Desktops see the processes of each other, and share /tmp: they cannot be isolated here',
    );
}

/** Returns the command line that runs another one in isolation; that one itself where isolation is not possible. */
export async function isolated(
  words: readonly string[],
  places: IsolationPlaces,
): Promise<readonly string[]> {
  return (await isolationFault()) === undefined ? commandLine(words, places) : words;
}

function commandLine(words: readonly string[], { own, kept }: IsolationPlaces): string[] {
  const unshare = ['unshare', '--mount', '--ipc', '--propagation', 'slave', '--'];
  return [...unshare, '/bin/sh', '-c', PROGRAM, 'deskwire-isolation', own, kept.join('\n'), ...words];
}

async function findFault(): Promise<string | undefined> {
  if (process.geteuid?.() !== 0) return 'only root can isolate desktops from each other';
  if (!isKernel(release())) return `Linux ${LEAST_KERNEL.join('.')} or newer is needed; this is ${release()}`;
  if (findProgram('unshare', SYSTEM_PATH) === undefined) return 'unshare of util-linux is missing';
  const own = await mkdtemp(join(tmpdir(), 'deskwire-isolation-'));
  try {
    const [command = '', ...args] = commandLine(['/bin/true'], { own, kept: [own] });
    await run(command, args, { cwd: '/', timeout: PROBE_LIMIT_MS });
    return undefined;
  } catch (error) {
    const said = (error as { stderr?: string }).stderr || (error as Error).message;
    return said.trim().split('\n').at(-1);
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

/** Whether a kernel's release, such as 6.1.0-18-amd64, is new enough. */
export function isKernel(text: string): boolean {
  const [major = 0, minor = 0] = text.split('.').map((part) => Number.parseInt(part, 10));
  return major > LEAST_KERNEL[0] || (major === LEAST_KERNEL[0] && minor >= LEAST_KERNEL[1]);
}
