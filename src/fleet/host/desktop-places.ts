import { createHash } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { leaseFileOf } from '../../http/login/edge-lease.ts';

/** Where the things of one desktop are. */
export interface DesktopPlaces {
  /** Folder of all that is the desktop's own, removed with it. */
  readonly folder: string;
  /** Folder of its server: local users, audit trail. */
  readonly data: string;
  /** Home of its programs, unless they run as a user of their own. */
  readonly home: string;
  /** Folder of what its programs have in place of `/tmp` and the like, emptied at each start. */
  readonly temporary: string;
  /** File with the epoch and the key of the edge. */
  readonly keyFile: string;
  /** File with the variables of its programs. */
  readonly environmentFile: string;
  /** File with the end of the time for which the desktop may run. */
  readonly leaseFile: string;
  readonly logFile: string;
  /** Unix socket of its server. Not in `folder`, because such a path may have 107 bytes. */
  readonly socket: string;
  /** Names its Unix user and its control groups: 12 hexadecimal digits, which differ for two fleets of a machine. */
  readonly userId: string;
}

/** Name of the folder of all sockets, in the data folder of a fleet. */
export const SOCKETS = 'run';

/** Names the places of a desktop in a fleet's data folder. */
export function placesOf(name: string, data: string): DesktopPlaces {
  const folder = join(data, 'desktops', name);
  const keyFile = join(folder, 'edge.key');
  return {
    folder,
    data: join(folder, 'data'),
    home: join(folder, 'home'),
    temporary: join(folder, 'temporary'),
    keyFile,
    leaseFile: leaseFileOf(keyFile),
    environmentFile: join(folder, 'environment.json'),
    logFile: join(folder, 'log.jsonl'),
    socket: join(data, SOCKETS, name),
    userId: createHash('sha256').update(`${data}\0${name}`).digest('hex').slice(0, 12),
  };
}

/** The desktop whose key is in this file. Undefined for those of another data folder. */
export function desktopOfKey(keyFile: string, data: string): string | undefined {
  const name = basename(dirname(keyFile));
  return placesOf(name, data).keyFile === keyFile ? name : undefined;
}
