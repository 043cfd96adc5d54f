import type { EncodedRect, EncodeJob } from '../../encode/make/job.ts';
import type { PlannedCopies } from '../../encode/plan/copy-rects.ts';
import { methodKey, type PlannedRect, planRects, planSharpening } from '../../encode/plan/policy.ts';
import type { EncodeProfile } from '../../encode/plan/profile.ts';
import type { EncoderPool } from '../../encode/pool.ts';
import type { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import { areaPx, intersect, type Rect } from '../../pixels/rect.ts';
import { copyRect } from '../../protocol/server-messages.ts';
import type { FrameRecord } from './frame-record.ts';
import type { Owed, ShownFrame, Taker } from './taker.ts';

/** Takers whose next update is the same to the byte. */
interface Share {
  readonly owed: Owed;
  readonly profile: EncodeProfile;
  readonly takers: Taker[];
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
  const encodeOnce = createEncodeOnce(shown, pool, record);
  record.encodeStartedAtMs ||= performance.now();
  const groups = groupShares(takers, (taker) => taker.takeLacks(shown));
  const shares = groups.map(async (share) => {
    const { copies, planned } = planShare(share, shown, shown.webpPx / groups.length, record);
    for (const taker of share.takers) {
      taker.begin(copies.length + planned.length);
      for (const copy of copies) taker.rect(copy, 'CopyRect');
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
      groupShares(takers, (taker) => taker.takeLacksAtTop(tileRows, shown)),
      shown,
    );
  }

  /** Goes on with all that the takers lack besides, and ends their updates. As runUpdatePass. */
  async finish(shown: ShownFrame): Promise<void> {
    const rest = this.#send(
      groupShares(this.#takers, (taker) => taker.takeLacks(shown)),
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
    const encodeOnce = createEncodeOnce(shown, this.#pool, this.#record);
    // Half of it for each of the two parts.
    const webpPx = shown.webpPx / 2 / shares.length;
    return shares.map(async (share) => {
      try {
        const { copies, planned } = planShare(share, shown, webpPx, this.#record);
        for (const taker of share.takers) for (const copy of copies) taker.rect(copy, 'CopyRect');
        await sendRects(share, planned, encodeOnce);
      } catch (error) {
        for (const taker of share.takers) this.#failed.add(taker);
        throw error;
      }
    });
  }
}

/** How a share's takers are sent what they are owed: the bytes of what is copied, then what is encoded. */
function planShare(
  { owed, profile, takers }: Share,
  shown: ShownFrame,
  webpPx: number,
  record: FrameRecord,
): { copies: Uint8Array[]; planned: PlannedRect[] } {
  const { copies, tiles, sharpening } = owed;
  const planned = planRects(tiles, shown, profile, webpPx);
  for (const taker of takers) taker.planned(planned);
  if (sharpening) planned.push(...planSharpening(sharpening, shown, profile));
  return { copies: copies.flatMap((step) => writeCopies(step, record)), planned };
}

function writeCopies({ copies: rects, dx, dy }: PlannedCopies, record: FrameRecord): Uint8Array[] {
  const startMs = performance.now();
  const copies = rects.map(({ x, y, width, height }) => copyRect(x, y, width, height, x - dx, y - dy));
  const area = rects.reduce((sum, rect) => sum + areaPx(rect), 0);
  const now = performance.now();
  const cpuUs = Math.round((now - startMs) * 1000);
  record.count({ encoder: 'CopyRect', cpuUs, count: copies.length, areaPx: area }, now);
  return copies;
}

/** Waits for the end of all, then rejects with what made one of them fail. */
async function allOver(shares: readonly Promise<void>[], record: FrameRecord): Promise<void> {
  const failed = (await Promise.allSettled(shares)).find((share) => share.status === 'rejected');
  record.sentAtMs = performance.now();
  if (failed) throw failed.reason;
}

type EncodeOnce = (planned: PlannedRect, profile: EncodeProfile, key: string) => Promise<EncodedRect>;

function createEncodeOnce(shown: ShownFrame, pool: EncoderPool, record: FrameRecord): EncodeOnce {
  const running = new Map<string, Promise<EncodedRect>>();
  return (planned, profile, profileKey) => {
    const key = `${profileKey} ${methodKey(planned.method)} ${rectKey(planned.rect)}`;
    const known = running.get(key);
    if (known) return known;
    const encoded = pool.encodeRect(planJob(planned, profile, shown)).then((rect) => {
      record.count({ ...rect, count: 1 }, performance.now());
      return rect;
    });
    running.set(key, encoded);
    return encoded;
  };
}

function planJob(
  planned: PlannedRect,
  { format, zlibLevel, drawsCursor }: EncodeProfile,
  { size: frameSize, cursor }: ShownFrame,
): EncodeJob {
  const job = { frameSize, ...planned, format, zlibLevel };
  if (!drawsCursor || !cursor || !intersect(planned.rect, cursor)) return job;
  // A scaler reads the frame itself, where there is no pointer: this rect goes as large as it is.
  return { ...job, scaledTo: undefined, cursor };
}

const rectKey = ({ x, y, width, height }: Rect): string => `${x},${y},${width},${height}`;

function groupShares(takers: readonly Taker[], take: (taker: Taker) => Owed): Share[] {
  const byProfile = new Map<string, Share[]>();
  for (const taker of takers) {
    const owed = take(taker);
    const shares = byProfile.get(taker.profileKey) ?? [];
    byProfile.set(taker.profileKey, shares);
    const same = shares.find((share) => sameOwed(share.owed, owed));
    if (same) same.takers.push(taker);
    else shares.push({ owed, profile: taker.profile, takers: [taker] });
  }
  return [...byProfile.values()].flat();
}

function sameOwed(a: Owed, b: Owed): boolean {
  const sameCopies = a.copies.length === b.copies.length && a.copies.every((step, i) => step === b.copies[i]);
  return sameCopies && a.tiles.equals(b.tiles) && sameTiles(a.sharpening, b.sharpening);
}

function sameTiles(a: DirtyTiles | undefined, b: DirtyTiles | undefined): boolean {
  if (!a || !b) return a === b || (a ?? b)!.isEmpty;
  return a.equals(b);
}

/** Passes each rect on as soon as it is encoded. Where one fails, its takers are told, and nothing reads on. */
async function sendRects(
  { takers, profile }: Share,
  planned: readonly PlannedRect[],
  encodeOnce: EncodeOnce,
): Promise<void> {
  const key = takers[0]?.profileKey ?? '';
  const rects = planned.map(async (rect) => {
    const { bytes, encoder } = await encodeOnce(rect, profile, key);
    for (const taker of takers) taker.rect(bytes, encoder);
  });
  try {
    await Promise.all(rects);
  } catch (error) {
    for (const taker of takers) taker.failed(error as Error);
    await Promise.allSettled(rects);
    throw error;
  }
}
