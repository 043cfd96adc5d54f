import { planCopies } from '../encode/copy-rects.ts';
import type { EncodedRect, EncodeJob } from '../encode/job.ts';
import { type PlannedRect, planRects } from '../encode/policy.ts';
import type { EncoderPool } from '../encode/pool.ts';
import type { EncodeProfile } from '../encode/profile.ts';
import type { DirtyTiles } from '../pixels/dirty-tiles.ts';
import { areaPx, type Rect, type Size } from '../pixels/rect.ts';
import { copyRect } from '../protocol/server-messages.ts';
import type { FrameRecord } from './frame-record.ts';
import type { Owed } from './lacks.ts';

/** Somebody who is owed pixels: a viewer, or the measuring of a frame that nobody watches. */
export interface Taker {
  readonly profile: EncodeProfile;
  readonly profileKey: string;
  readonly lacksSomething: boolean;
  /** Whether an update may begin before it is known how many rects it has. */
  readonly takesOpenUpdates: boolean;
  takeLacks(): Owed;
  /** What it lacks in the first rows of tiles alone. */
  takeLacksAtTop(tileRows: number): Owed;
  /** An update of that many rects begins, undefined where it will tell at its end; `rect` and `done` follow, or `failed`. */
  begin(rects: number | undefined): void;
  rect(bytes: Uint8Array): void;
  /** All of it has been handed over; encoding and what went before it took `cpuMs`. */
  done(cpuMs: number): void;
  failed(error: Error): void;
}

/** Takers whose next update is the same to the byte. */
interface Share {
  readonly owed: Owed;
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
  record.encodeStartedAtMs ||= performance.now();
  const shares = groupShares(takers, (taker) => taker.takeLacks()).map(async (share) => {
    const { copies, rest } = planOwed(share.owed, record);
    const planned = planRects(rest, shown.colours, share.profile);
    for (const taker of share.takers) {
      taker.begin(copies.length + planned.length);
      for (const copy of copies) taker.rect(copy);
    }
    await sendRects(share, planned, encodeOnce);
    for (const taker of share.takers) taker.done(record.encodedAtMs - record.startedAtMs);
  });
  await allOver(shares, record);
}

/**
 * The same in two parts, for a frame whose upper part is there before the rest: a viewer decodes the one while
 * the other is still being captured. Each taker gets one update, whose end says that it is the end.
 */
export class OpenUpdatePass {
  readonly #takers: readonly Taker[];
  readonly #pool: EncoderPool;
  readonly #record: FrameRecord;
  readonly #failed = new Set<Taker>();
  readonly #top: Promise<void>[];

  /** Begins with what the takers lack in the first `tileRows` rows of tiles, which must hold still. */
  constructor(
    takers: readonly Taker[],
    tileRows: number,
    shown: ShownFrame,
    pool: EncoderPool,
    record: FrameRecord,
  ) {
    this.#takers = takers;
    this.#pool = pool;
    this.#record = record;
    record.encodeStartedAtMs ||= performance.now();
    for (const taker of takers) taker.begin(undefined);
    this.#top = this.#send(
      groupShares(takers, (taker) => taker.takeLacksAtTop(tileRows)),
      shown,
    );
  }

  /** Goes on with all that the takers lack besides, and ends their updates. As runUpdatePass. */
  async finish(shown: ShownFrame): Promise<void> {
    const rest = this.#send(
      groupShares(this.#takers, (taker) => taker.takeLacks()),
      shown,
    );
    try {
      await allOver([...this.#top, ...rest], this.#record);
    } finally {
      for (const taker of this.#takers) {
        if (!this.#failed.has(taker)) taker.done(this.#record.encodedAtMs - this.#record.startedAtMs);
      }
    }
  }

  #send(shares: readonly Share[], shown: ShownFrame): Promise<void>[] {
    const encodeOnce = createEncodeOnce(shown.size, this.#pool, this.#record);
    return shares.map(async (share) => {
      try {
        const { copies, rest } = planOwed(share.owed, this.#record);
        for (const taker of share.takers) for (const copy of copies) taker.rect(copy);
        await sendRects(share, planRects(rest, shown.colours, share.profile), encodeOnce);
      } catch (error) {
        for (const taker of share.takers) this.#failed.add(taker);
        throw error;
      }
    });
  }
}

/** The bytes of what is copied, and what is to be encoded besides. */
function planOwed({ motion, tiles }: Owed, record: FrameRecord): { copies: Uint8Array[]; rest: DirtyTiles } {
  if (!motion) return { copies: [], rest: tiles };
  const startMs = performance.now();
  const planned = planCopies(motion);
  const copies = planned.copies.map(({ x, y, width, height }) =>
    copyRect(x, y, width, height, x - motion.dx, y - motion.dy),
  );
  const rest = tiles.clone();
  rest.merge(planned.rest);
  const now = performance.now();
  const cpuUs = Math.round((now - startMs) * 1000);
  const area = planned.copies.reduce((sum, rect) => sum + areaPx(rect), 0);
  record.count({ encoder: 'CopyRect', cpuUs, count: copies.length, areaPx: area }, now);
  return { copies, rest };
}

/** Waits for the end of all, then rejects with what made one of them fail. */
async function allOver(shares: readonly Promise<void>[], record: FrameRecord): Promise<void> {
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
      record.count({ ...rect, count: 1 }, performance.now());
      return rect;
    });
    running.set(key, encoded);
    return encoded;
  };
}

const rectKey = ({ x, y, width, height }: Rect): string => `${x},${y},${width},${height}`;

function groupShares(takers: readonly Taker[], take: (taker: Taker) => Owed): Share[] {
  const byProfile = new Map<string, Share[]>();
  for (const taker of takers) {
    const shares = byProfile.get(taker.profileKey) ?? [];
    byProfile.set(taker.profileKey, shares);
    const owed = take(taker);
    const same = shares.find((share) => sameOwed(share.owed, owed));
    if (same) same.takers.push(taker);
    else shares.push({ owed, profile: taker.profile, takers: [taker] });
  }
  return [...byProfile.values()].flat();
}

const sameOwed = (a: Owed, b: Owed): boolean => a.motion === b.motion && a.tiles.equals(b.tiles);

/** Passes each rect on as soon as it is encoded. Where one fails, its takers are told, and nothing reads on. */
async function sendRects(
  { takers, profile }: Share,
  planned: readonly PlannedRect[],
  encodeOnce: EncodeOnce,
): Promise<void> {
  const key = takers[0]?.profileKey ?? '';
  const rects = planned.map(async (rect) => {
    const { bytes } = await encodeOnce(rect, profile, key);
    for (const taker of takers) taker.rect(bytes);
  });
  try {
    await Promise.all(rects);
  } catch (error) {
    for (const taker of takers) taker.failed(error as Error);
    await Promise.allSettled(rects);
    throw error;
  }
}
