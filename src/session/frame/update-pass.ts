import type { EncodedRect, EncodeJob } from '../../encode/make/job.ts';
import { knownColours } from '../../encode/overlay/known-colours.ts';
import { touches } from '../../encode/overlay/overlay.ts';
import type { PlannedCopies } from '../../encode/plan/plan-copies.ts';
import type { PlannedRect } from '../../encode/plan/plan-rects.ts';
import type { EncodeProfile } from '../../encode/plan/profile.ts';
import { DirtyTiles } from '../../pixels/dirty-tiles.ts';
import { areaPx, intersect } from '../../pixels/rect.ts';
import { copyRect } from '../../protocol/server-messages.ts';
import { type BackgroundEncoding, firstTileOf, fromTile, leastRects } from './background-encoding.ts';
import type { FrameRecord } from './frame-record.ts';
import type { PassTime } from './own-updates.ts';
import { planUpdate } from './plan-update.ts';
import { Recipient } from './recipient.ts';
import type { Owed, SentRect, ShownFrame, Taker, UpdatePlan, UpdateRect } from './taker.ts';

/** Recipients whose plans are equal: each rect is encoded once and sent to all of them. */
interface Share {
  readonly plan: UpdatePlan;
  readonly members: Member[];
}

interface Member {
  readonly recipient: Recipient;
  readonly plan: UpdatePlan;
}

/** Encodes one rect, or returns it if it is known. Calls `count` if it is encoded for this pass. */
export type Encoding = (
  job: EncodeJob,
  count: (rect: EncodedRect) => void,
) => EncodedRect | Promise<EncodedRect>;

/** What bounds the work of a pass. */
export interface PassBounds {
  /** Bounds what is encoded for some users alone. Undefined if there is only one user. */
  readonly time?: PassTime | undefined;
  /** Takers whose updates are encoded in the background. Undefined for none. */
  readonly background?:
    | { readonly encoding: BackgroundEncoding; readonly takers: ReadonlySet<Taker> }
    | undefined;
}

/**
 * Sends each taker what it lacks. Takers with equal profiles share every rect that they have in common; takers with
 * equal plans share the whole update. Each rect is passed on as soon as it is encoded, so that a viewer decodes the
 * first rows of a frame while its last rows are being encoded.
 *
 * An error fails the takers that it concerns (`Taker.failed`), and no others. A pass of small rects is over at once,
 * and returns undefined. Otherwise the promise settles once no encoder reads the picture any more. If any taker failed,
 * the first error is thrown.
 */
export function runUpdatePass(
  takers: readonly Taker[],
  shown: ShownFrame,
  encoding: Encoding,
  record: FrameRecord,
  { time, background }: PassBounds = {},
): Promise<void> | undefined {
  record.encodingBegins(performance.now());
  const recipients = takers.map((taker) => new Recipient(taker));
  const shares = groupShares(recipients, (taker) => taker.take(shown));
  const encode = createEncode(shown, encoding, record);
  const webpPx = shown.webpPx / shares.length;
  const sending: Promise<void>[] = [];
  for (const share of shares) {
    // A share does not wait for those that take longer.
    const recipientsOfShare = share.members.map(({ recipient }) => recipient);
    const end = (): void => endUpdates(recipientsOfShare, record);
    const sent = sendShare(share, { shown, webpPx, encode, record, time, background, begins: true });
    if (sent) sending.push(sent.then(end));
    else end();
  }
  if (sending.length > 0) return Promise.all(sending).then(() => finishPass(recipients, record));
  finishPass(recipients, record);
  return undefined;
}

/**
 * An update pass in two parts, for a frame whose top is ready before the rest: viewers decode the top while the rest is
 * being captured. Each taker is sent one update, which says at its end that it is over. Errors are handled as in
 * `runUpdatePass`.
 */
export class TopFirstPass {
  readonly #encoding: Encoding;
  readonly #record: FrameRecord;
  readonly #time: PassTime | undefined;
  readonly #recipients: readonly Recipient[];
  readonly #top: readonly Promise<void>[];
  #isTopEncoded = false;

  /**
   * Begins with what the takers lack in the first `tileRows` rows of tiles. Those rows must not change until the
   * promise of `finish` has settled.
   */
  constructor(
    takers: readonly Taker[],
    tileRows: number,
    shown: ShownFrame,
    encoding: Encoding,
    record: FrameRecord,
    time?: PassTime,
  ) {
    this.#encoding = encoding;
    this.#time = time;
    this.#record = record;
    record.encodingBegins(performance.now());
    this.#recipients = takers.map((taker) => new Recipient(taker));
    for (const recipient of this.#recipients) recipient.begin(undefined);
    this.#top = this.#send(shown, (taker) => taker.takeTop(tileRows, shown));
    void Promise.all(this.#top).then(() => {
      this.#isTopEncoded = true;
    });
  }

  /** Sends all else that the takers lack, and ends their updates. */
  async finish(shown: ShownFrame): Promise<void> {
    this.#record.encodingBegins(performance.now(), this.#isTopEncoded);
    const rest = this.#send(shown, (taker) => taker.take(shown));
    await Promise.all([...this.#top, ...rest]);
    endUpdates(this.#recipients, this.#record);
    finishPass(this.#recipients, this.#record);
  }

  #send(shown: ShownFrame, take: (taker: Taker) => UpdatePlan): Promise<void>[] {
    const shares = groupShares(this.#recipients, take);
    const record = this.#record;
    const time = this.#time;
    const encode = createEncode(shown, this.#encoding, record);
    // Each of the two parts may use half of the WebP budget.
    const webpPx = shown.webpPx / 2 / shares.length;
    return shares.flatMap(
      (share) => sendShare(share, { shown, webpPx, encode, record, time, begins: false }) ?? [],
    );
  }
}

interface SendOptions extends PassBounds {
  readonly shown: ShownFrame;
  /** Pixels of this share that may become WebP. */
  readonly webpPx: number;
  readonly encode: Encode;
  readonly record: FrameRecord;
  /** Whether the members' updates begin with this share; else they have begun. */
  readonly begins: boolean;
}

/**
 * Plans the rects of a share, has them encoded, and passes each on as soon as it is. Returns undefined if all of it is
 * done, and otherwise a promise that resolves when no encoder reads the picture for it any more. Never throws or
 * rejects: an error fails all members of the share.
 */
function sendShare(whole: Share, options: SendOptions): Promise<void> | undefined {
  const { shown, webpPx, encode, record, time, background, begins } = options;
  const { members } = whole;
  const encoding: Promise<void>[] = [];
  const fail = (error: unknown): void => {
    for (const { recipient } of members) recipient.fail(error);
  };
  try {
    const colours = knownColours(shown.colours, whole.plan.profile.overlay, shown.size);
    const { plan, charge } = fitToTime(whole, colours, time);
    const rects = planUpdate(plan, { ...shown, colours }, webpPx);
    const isInBackground = members.every(({ recipient }) => background?.takers.has(recipient.taker));
    if (background && isInBackground && rects.length > leastRects(rects, shown.size))
      return sendInBackground({ plan, members, charge }, rects, background.encoding, options).catch(fail);
    let cpuMs = 0;
    const copies = plan.owed.copies.flatMap((step) => writeCopies(step, record));
    const sent: SentRect[] = [];
    const passOn = members.map((member) => {
      if (begins) member.recipient.begin(copies.length + rects.length);
      return member.recipient.part(plan === whole.plan ? member.plan : plan, rects, sent);
    });
    for (const copy of copies) for (const pass of passOn) pass(copy);
    for (const rect of rects) {
      const { purpose } = rect;
      const done = ({ bytes, encoder }: EncodedRect): void => {
        sent.push({ encoder, purpose, bytes: bytes.length });
        for (const pass of passOn) pass(bytes);
      };
      const encoded = encode(rect, plan, (ms) => (cpuMs += ms));
      if (encoded instanceof Promise) encoding.push(encoded.then(done));
      else done(encoded);
    }
    if (encoding.length === 0) charge(cpuMs);
    else void Promise.allSettled(encoding).then(() => charge(cpuMs));
  } catch (error) {
    fail(error);
  }
  if (encoding.length === 0) return undefined;
  return Promise.all(encoding).then(
    () => undefined,
    async (error) => {
      fail(error);
      await Promise.allSettled(encoding);
    },
  );
}

/** A share whose plan is that of this pass. */
interface CutShare extends Share {
  /** Charges what its rects took; `part` is the share of the plan that they are, 0 to 1. */
  charge(cpuMs: number, part?: number): void;
}

/**
 * Sends a share in the background, and postpones the rects that are not encoded when a frame waits for the picture. An
 * update says at its beginning how many rects it has: the first pixel that it sent stands in for the postponed ones.
 */
async function sendInBackground(
  { plan: cut, members, charge }: CutShare,
  planned: readonly UpdateRect[],
  background: BackgroundEncoding,
  { shown: { size }, encode, record }: SendOptions,
): Promise<void> {
  // The usual bytes are those of an update that is not interrupted.
  const plan = { ...cut, usual: undefined };
  const rects = fromTile(planned, members[0]!.recipient.taker.nextTile, size);
  const copies = plan.owed.copies.flatMap((step) => writeCopies(step, record));
  const sent: SentRect[] = [];
  const passOn = members.map(({ recipient }) => {
    recipient.begin(copies.length + rects.length);
    return recipient.part(plan, rects, sent);
  });
  for (const copy of copies) for (const pass of passOn) pass(copy);
  let cpuMs = 0;
  const took = (ms: number): void => {
    cpuMs += ms;
  };
  const steps = rects.map((rect) => (): Promise<void> | undefined => {
    const done = ({ bytes, encoder }: EncodedRect): void => {
      sent.push({ encoder, purpose: rect.purpose, bytes: bytes.length });
      for (const pass of passOn) pass(bytes);
    };
    const encoded = encode(rect, plan, took);
    if (encoded instanceof Promise) return encoded.then(done);
    done(encoded);
    return undefined;
  });
  const count = await background.run(steps, leastRects(rects, size));
  charge(cpuMs, sumPx(rects.slice(0, count)) / sumPx(rects));
  const [next] = rects.slice(count);
  if (!next) return;
  const rest = new DirtyTiles(size);
  for (const { rect } of rects.slice(count)) rest.add(rect);
  for (const { recipient } of members) recipient.postpone(rest, firstTileOf(next, size));
  const { rect, method } = rects[0]!;
  const pixel = await encode({ rect: { ...rect, width: 1, height: 1 }, method }, plan, took);
  for (const pass of passOn) for (let i = count; i < rects.length; i++) pass(pixel.bytes);
}

const sumPx = (rects: readonly UpdateRect[]): number =>
  rects.reduce((sum, { rect }) => sum + areaPx(rect), 0);

/**
 * Cuts the update of a share to the time that is left for it in this pass. Returns its plan, and a function that charges
 * what it took.
 */
function fitToTime(
  { plan, members }: Share,
  colours: Uint16Array,
  time: PassTime | undefined,
): { plan: UpdatePlan; charge(cpuMs: number, part?: number): void } {
  const takers = members.map(({ recipient }) => recipient.taker);
  const piece = time?.take(takers, plan, colours);
  if (!time || !piece) return { plan, charge: () => undefined };
  const charge = (cpuMs: number, part = 1): void =>
    time.took(takers, plan.key, { ...piece, usualCpuMs: piece.usualCpuMs * part }, cpuMs);
  if (piece.rest.isEmpty) return { plan, charge };
  for (const { recipient } of members) recipient.postpone(piece.rest, piece.nextTile);
  // The usual bytes are those of the whole update.
  return { plan: { ...plan, owed: { ...plan.owed, tiles: piece.part }, usual: undefined }, charge };
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

function writeCopies({ copies: rects }: PlannedCopies, record: FrameRecord): Uint8Array[] {
  const startMs = performance.now();
  const copies = rects.map(({ x, y, width, height, dx, dy }) =>
    copyRect(x, y, width, height, x - dx, y - dy),
  );
  const area = rects.reduce((sum, rect) => sum + areaPx(rect), 0);
  const now = performance.now();
  const cpuUs = Math.round((now - startMs) * 1000);
  record.count({ encoder: 'CopyRect', cpuUs, count: copies.length, areaPx: area }, now);
  return copies;
}

/** Encodes one rect. Calls `took` with the CPU time in milliseconds if it was not known. */
type Encode = (
  planned: PlannedRect,
  plan: UpdatePlan,
  took: (cpuMs: number) => void,
) => EncodedRect | Promise<EncodedRect>;

function createEncode(shown: ShownFrame, encoding: Encoding, record: FrameRecord): Encode {
  return (planned, plan, took) =>
    encoding(encodeJob(planned, plan.profile, shown), (rect) => {
      record.count({ ...rect, count: 1 }, performance.now());
      const { startUs, endUs } = rect.scaling ?? { startUs: 0, endUs: 0 };
      took((rect.cpuUs + endUs - startUs) / 1000);
    });
}

function encodeJob(
  { rect, method, scaledTo }: PlannedRect,
  { format, zlibLevel, zstd, drawsCursor, overlay: all }: EncodeProfile,
  { size: frameSize, cursor }: ShownFrame,
): EncodeJob {
  // A rect without a trace of the overlay is shared with viewers that have none.
  const overlay = all && touches(all, rect, frameSize) ? all : undefined;
  const job = { frameSize, rect, method, format, zlibLevel, zstd, overlay };
  if (!drawsCursor || !cursor || !intersect(rect, cursor)) return { ...job, scaledTo };
  // The scaler reads the frame itself, which has no cursor: this rect is sent at full size.
  return { ...job, cursor };
}

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
