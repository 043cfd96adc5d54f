import type { EncodedRect, EncodeJob } from '../encode/job.ts';
import { type PlannedRect, planRects } from '../encode/policy.ts';
import type { EncoderPool } from '../encode/pool.ts';
import type { EncodeProfile } from '../encode/profile.ts';
import type { DirtyTiles } from '../pixels/dirty-tiles.ts';
import type { Rect, Size } from '../pixels/rect.ts';
import type { FrameRecord } from './frame-record.ts';

/** Somebody who is owed pixels: a viewer, or the measuring of a frame that nobody watches. */
export interface Taker {
  readonly profile: EncodeProfile;
  readonly profileKey: string;
  readonly lacksSomething: boolean;
  takeLacks(): DirtyTiles;
  /** An update of that many rects begins; `rect` and `done` follow, or `failed`. */
  begin(rects: number): void;
  rect(bytes: Uint8Array): void;
  /** All of it has been handed over; encoding and what went before it took `cpuMs`. */
  done(cpuMs: number): void;
  failed(error: Error): void;
}

/** Takers whose next update is the same to the byte. */
interface Share {
  readonly lacks: DirtyTiles;
  readonly profile: EncodeProfile;
  readonly takers: Taker[];
}

/** The picture as it is now; it must not change before the pass is over. */
export interface ShownFrame {
  readonly size: Size;
  /** Colours of each tile, as in SharedFrame. */
  readonly colours: Uint16Array;
}

/**
 * Sends each taker what it lacks. Takers with the same wishes share every rect they have in common, those that
 * lack the same share the whole update. Each rect is passed on as soon as it is encoded, so that a viewer
 * decodes a frame's first rows while its last ones are still being encoded.
 *
 * Resolves when nothing reads the picture any more. Rejects, then too, where a rect could not be encoded: the
 * takers that it was for have been told.
 */
export async function runUpdatePass(
  takers: readonly Taker[],
  shown: ShownFrame,
  pool: EncoderPool,
  record: FrameRecord,
): Promise<void> {
  const encodeOnce = createEncodeOnce(shown.size, pool, record);
  record.encodeStartedAtMs = performance.now();
  const shares = groupShares(takers).map((share) => sendShare(share, shown, encodeOnce, record));
  const failed = (await Promise.allSettled(shares)).find((share) => share.status === 'rejected');
  record.sentAtMs = performance.now();
  if (failed) throw failed.reason;
}

type EncodeOnce = (planned: PlannedRect, profile: EncodeProfile, key: string) => Promise<EncodedRect>;

function createEncodeOnce(frameSize: Size, pool: EncoderPool, record: FrameRecord): EncodeOnce {
  const running = new Map<string, Promise<EncodedRect>>();
  return (planned, profile, profileKey) => {
    const key = `${profileKey} ${planned.method} ${rectKey(planned.rect)}`;
    const known = running.get(key);
    if (known) return known;
    const job: EncodeJob = { frameSize, ...planned, ...profile };
    const encoded = pool.encodeRect(job).then((rect) => {
      record.count(rect, performance.now());
      return rect;
    });
    running.set(key, encoded);
    return encoded;
  };
}

const rectKey = ({ x, y, width, height }: Rect): string => `${x},${y},${width},${height}`;

function groupShares(takers: readonly Taker[]): Share[] {
  const byProfile = new Map<string, Share[]>();
  for (const taker of takers) {
    const shares = byProfile.get(taker.profileKey) ?? [];
    byProfile.set(taker.profileKey, shares);
    const lacks = taker.takeLacks();
    const same = shares.find((share) => share.lacks.equals(lacks));
    if (same) same.takers.push(taker);
    else shares.push({ lacks, profile: taker.profile, takers: [taker] });
  }
  return [...byProfile.values()].flat();
}

async function sendShare(
  share: Share,
  shown: ShownFrame,
  encodeOnce: EncodeOnce,
  record: FrameRecord,
): Promise<void> {
  const { takers, profile } = share;
  const planned = planRects(share.lacks, shown.colours, profile);
  const key = takers[0]?.profileKey ?? '';
  for (const taker of takers) taker.begin(planned.length);
  const rects = planned.map(async (rect) => {
    const { bytes } = await encodeOnce(rect, profile, key);
    for (const taker of takers) taker.rect(bytes);
  });
  try {
    await Promise.all(rects);
    for (const taker of takers) taker.done(record.encodedAtMs - record.startedAtMs);
  } catch (error) {
    for (const taker of takers) taker.failed(error as Error);
    await Promise.allSettled(rects);
    throw error;
  }
}
