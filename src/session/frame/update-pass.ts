import type { EncodedRect, EncodeJob } from '../../encode/make/job.ts';
import type { PlannedCopies } from '../../encode/plan/copy-rects.ts';
import { methodKey, type PlannedRect } from '../../encode/plan/plan-rects.ts';
import type { EncodeProfile } from '../../encode/plan/profile.ts';
import type { EncoderPool } from '../../encode/pool.ts';
import type { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import { areaPx, intersect, type Rect } from '../../pixels/rect.ts';
import { copyRect } from '../../protocol/server-messages.ts';
import type { FrameRecord } from './frame-record.ts';
import { planUpdate } from './plan-update.ts';
import { Recipient } from './recipient.ts';
import type { Owed, SentRect, ShownFrame, Taker, UpdatePlan } from './taker.ts';

/** Recipients whose plans are equal: each rect is encoded once and sent to all of them. */
interface Share {
  readonly plan: UpdatePlan;
  readonly members: Member[];
}

interface Member {
  readonly recipient: Recipient;
  readonly plan: UpdatePlan;
}

/**
 * Sends each taker what it lacks. Takers with equal profiles share every rect that they have in common; takers with
 * equal plans share the whole update. Each rect is passed on as soon as it is encoded, so that a viewer decodes the
 * first rows of a frame while its last rows are being encoded.
 *
 * An error fails the takers that it concerns (`Taker.failed`), and no others. The promise settles once no encoder reads
 * the picture any more; if any taker failed, it rejects with the first error.
 */
export async function runUpdatePass(
  takers: readonly Taker[],
  shown: ShownFrame,
  pool: EncoderPool,
  record: FrameRecord,
): Promise<void> {
  record.encodeStartedAtMs ||= performance.now();
  const recipients = takers.map((taker) => new Recipient(taker));
  const shares = groupShares(recipients, (taker) => taker.take(shown));
  const encodeOnce = createEncodeOnce(shown, pool, record);
  const webpPx = shown.webpPx / shares.length;
  const sending = shares.map(async (share) => {
    await sendShare(share, { shown, webpPx, encodeOnce, record, begins: true });
    // A share does not wait for those that take longer.
    endUpdates(
      share.members.map(({ recipient }) => recipient),
      record,
    );
  });
  await Promise.all(sending);
  finishPass(recipients, record);
}

/**
 * An update pass in two parts, for a frame whose top is ready before the rest: viewers decode the top while the rest is
 * being captured. Each taker is sent one update, which says at its end that it is over. Errors are handled as in
 * `runUpdatePass`.
 */
export class TopFirstPass {
  readonly #pool: EncoderPool;
  readonly #record: FrameRecord;
  readonly #recipients: readonly Recipient[];
  readonly #top: readonly Promise<void>[];

  /**
   * Begins with what the takers lack in the first `tileRows` rows of tiles. Those rows must not change until the
   * promise of `finish` has settled.
   */
  constructor(
    takers: readonly Taker[],
    tileRows: number,
    shown: ShownFrame,
    pool: EncoderPool,
    record: FrameRecord,
  ) {
    this.#pool = pool;
    this.#record = record;
    record.encodeStartedAtMs ||= performance.now();
    this.#recipients = takers.map((taker) => new Recipient(taker));
    for (const recipient of this.#recipients) recipient.begin(undefined);
    this.#top = this.#send(shown, (taker) => taker.takeTop(tileRows, shown));
  }

  /** Sends all else that the takers lack, and ends their updates. */
  async finish(shown: ShownFrame): Promise<void> {
    const rest = this.#send(shown, (taker) => taker.take(shown));
    await Promise.all([...this.#top, ...rest]);
    endUpdates(this.#recipients, this.#record);
    finishPass(this.#recipients, this.#record);
  }

  #send(shown: ShownFrame, take: (taker: Taker) => UpdatePlan): Promise<void>[] {
    const shares = groupShares(this.#recipients, take);
    const record = this.#record;
    const encodeOnce = createEncodeOnce(shown, this.#pool, record);
    // Each of the two parts may use half of the WebP budget.
    const webpPx = shown.webpPx / 2 / shares.length;
    return shares.map((share) => sendShare(share, { shown, webpPx, encodeOnce, record, begins: false }));
  }
}

interface SendOptions {
  readonly shown: ShownFrame;
  /** Pixels of this share that may become WebP. */
  readonly webpPx: number;
  readonly encodeOnce: EncodeOnce;
  readonly record: FrameRecord;
  /** Whether the members' updates begin with this share; else they have begun. */
  readonly begins: boolean;
}

/**
 * Plans the rects of a share, has them encoded, and passes each on as soon as it is. Never rejects: an error fails all
 * members of the share. Resolves when no encoder reads the picture for it any more.
 */
async function sendShare({ plan, members }: Share, options: SendOptions): Promise<void> {
  const { shown, webpPx, encodeOnce, record, begins } = options;
  const encoding: Promise<void>[] = [];
  try {
    const rects = planUpdate(plan, shown, webpPx);
    const copies = plan.owed.copies.flatMap((step) => writeCopies(step, record));
    const sent: SentRect[] = [];
    const passOn = members.map((member) => {
      if (begins) member.recipient.begin(copies.length + rects.length);
      return member.recipient.part(member.plan, rects, sent);
    });
    for (const copy of copies) for (const pass of passOn) pass(copy);
    for (const rect of rects) {
      const { purpose } = rect;
      const passed = encodeOnce(rect, plan).then(({ bytes, encoder }) => {
        sent.push({ encoder, purpose, bytes: bytes.length });
        for (const pass of passOn) pass(bytes);
      });
      encoding.push(passed);
    }
    await Promise.all(encoding);
  } catch (error) {
    for (const { recipient } of members) recipient.fail(error);
    await Promise.allSettled(encoding);
  }
}

function endUpdates(recipients: readonly Recipient[], record: FrameRecord): void {
  for (const recipient of recipients) recipient.end(record.encodedAtMs - record.startedAtMs);
}

/** Throws the first error of recipients that have failed. */
function finishPass(recipients: readonly Recipient[], record: FrameRecord): void {
  record.sentAtMs = performance.now();
  const failed = recipients.find(({ error }) => error !== undefined);
  if (failed) throw failed.error;
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

type EncodeOnce = (planned: PlannedRect, plan: UpdatePlan) => Promise<EncodedRect>;

/** Encodes each rect once for all plans with the same key. */
function createEncodeOnce(shown: ShownFrame, pool: EncoderPool, record: FrameRecord): EncodeOnce {
  const running = new Map<string, Promise<EncodedRect>>();
  return (planned, plan) => {
    const key = `${plan.key} ${methodKey(planned.method)} ${rectKey(planned.rect)}`;
    const known = running.get(key);
    if (known) return known;
    const encoded = pool.encodeRect(encodeJob(planned, plan.profile, shown)).then((rect) => {
      record.count({ ...rect, count: 1 }, performance.now());
      return rect;
    });
    running.set(key, encoded);
    return encoded;
  };
}

function encodeJob(
  { rect, method, scaledTo }: PlannedRect,
  { format, zlibLevel, zstd, drawsCursor }: EncodeProfile,
  { size: frameSize, cursor }: ShownFrame,
): EncodeJob {
  const job = { frameSize, rect, method, format, zlibLevel, zstd };
  if (!drawsCursor || !cursor || !intersect(rect, cursor)) return { ...job, scaledTo };
  // The scaler reads the frame itself, which has no cursor: this rect is sent at full size.
  return { ...job, cursor };
}

const rectKey = ({ x, y, width, height }: Rect): string => `${x},${y},${width},${height}`;

/** Takes the plans of all recipients that have not failed, and groups equal ones. */
function groupShares(recipients: readonly Recipient[], take: (taker: Taker) => UpdatePlan): Share[] {
  const byKey = new Map<string, Share[]>();
  for (const recipient of recipients) {
    const plan = recipient.take(take);
    if (!plan) continue;
    const shares = byKey.get(plan.key) ?? [];
    byKey.set(plan.key, shares);
    const same = shares.find((share) => sameOwed(share.plan.owed, plan.owed));
    if (same) same.members.push({ recipient, plan });
    else shares.push({ plan, members: [{ recipient, plan }] });
  }
  return [...byKey.values()].flat();
}

function sameOwed(a: Owed, b: Owed): boolean {
  const sameCopies = a.copies.length === b.copies.length && a.copies.every((step, i) => step === b.copies[i]);
  return sameCopies && a.tiles.equals(b.tiles) && sameTiles(a.sharpening, b.sharpening);
}

function sameTiles(a: DirtyTiles | undefined, b: DirtyTiles | undefined): boolean {
  if (!a || !b) return a === b || (a ?? b)!.isEmpty;
  return a.equals(b);
}
