import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_COST, hashPassword } from '../../src/accounts/password-hash.ts';
import { monotonicMs } from '../clock.ts';
import { median } from '../statistics.ts';
import type { Call } from './keep-alive-caller.ts';
import { get } from './kinds.ts';
import type { LoadResult } from './load-process.ts';

/** A bulk call of many users. */
export interface BulkResult {
  readonly users: number;
  /** Time of the call beside a still screen. */
  readonly seconds: number;
  /** That time, divided by that of as many hashes, one after the other, divided by the number of cores. */
  readonly overHashes: number;
  /** The same beside a viewer of a film, which takes more than half of two cores. */
  readonly overHashesBesideFilm: number;
  /** p99 of the viewer's frames with the call, minus that without it, in ms. */
  readonly frameDelayMs: number;
}

const BULK_USERS = 200;
/** Hashes that are timed, to know what one takes. */
const TIMED_HASHES = 12;
const PASSWORD = 'a password of the bench';

/** What the bulk call is measured with. */
export interface BulkParts {
  /** Makes calls, one after the other, over one connection. */
  once(calls: readonly Call[]): Promise<LoadResult>;
  /** Does something while a viewer watches a film, for some seconds. */
  besideFilm<T>(seconds: number, act: () => Promise<T>): Promise<{ result: T; frameMs: number }>;
}

export async function measureBulk({ once, besideFilm }: BulkParts): Promise<BulkResult> {
  const names = Array.from({ length: BULK_USERS }, (_, i) => `many${i}`);
  const create: Call = {
    path: '/api/create_user',
    body: names.map((user) => ({ user, password: PASSWORD, read: true })),
  };
  const remove: Call = { path: '/api/remove_user', body: names.map((user) => ({ user })) };
  const expected = (BULK_USERS * hashSeconds()) / availableParallelism();
  // The first call logs in, which takes a hash.
  const call = async (): Promise<number> => {
    const { ms } = await once([get('get_users'), create]);
    return ms[1]! / 1000;
  };
  const seconds = await call();
  await once([remove]);
  const watchSeconds = Math.ceil(expected * 3) + 1;
  const quiet = await besideFilm(watchSeconds, () => sleep(watchSeconds * 1000));
  const busy = await besideFilm(watchSeconds, call);
  await once([remove]);
  return {
    users: BULK_USERS,
    seconds,
    overHashes: seconds / expected,
    overHashesBesideFilm: busy.result / expected,
    frameDelayMs: busy.frameMs - quiet.frameMs,
  };
}

/** The time of one hash, on this thread, while nothing else runs. */
function hashSeconds(): number {
  const ms = Array.from({ length: TIMED_HASHES }, () => {
    const startMs = monotonicMs();
    hashPassword(PASSWORD, DEFAULT_COST);
    return monotonicMs() - startMs;
  });
  return median(ms)! / 1000;
}
