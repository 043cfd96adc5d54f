import type { EncodeProfile } from '../../encode/plan/profile.ts';
import { DirtyTiles, tilesAcross } from '../../pixels/dirty-tiles.ts';
import { isPhotoLike } from '../../pixels/photo-like.ts';
import { type EncoderBudget, MOST_PASS_MS } from './encoder-budget.ts';
import type { NextUpdate, Owed, Taker, UpdatePlan } from './taker.ts';

/**
 * CPU time of a core per megapixel, in milliseconds, by what is encoded: noise and a photograph at 1920×1080 on a
 * machine of 2024. What updates take corrects it.
 */
const CPU_MS_PER_MPX = {
  raw: 8,
  /** Text, lines and areas of one colour. */
  flat: 5,
  jpeg: 14,
  /** A photograph without loss: zstd, or zlib's lower levels. */
  lossless: 30,
  /** The same with the higher levels of zlib, which only rects of up to 32 Kpx get. */
  lossless9: 120,
  /** ZRLE, zlib and Hextile. */
  older: 40,
};

/** The lowest zlib level that costs `lossless9`. */
const HIGH_ZLIB_LEVEL = 4;

/**
 * Least pixels of a piece, however expensive they are, so that every update brings a viewer further. A larger value
 * takes longer than MOST_PASS_MS allows; a smaller one sends a screen in more than a hundred pieces.
 */
export const LEAST_PIECE_PX = 32 * 1024;

/**
 * Chooses the takers of one pass, for a session that several users watch; `colours` as in SharedFrame. Each profile that
 * only one user has costs encoder time for that user alone. Of these, each user gets those that were served longest ago,
 * as many as fit into MOST_PASS_MS, and one at least. Takers whose profile several users have are always chosen, as the
 * costs are shared.
 */
export function chooseTakers(takers: readonly Taker[], colours: Uint16Array): Taker[] {
  const chosen = new Set<Taker>();
  const own = new Map<EncoderBudget, Group[]>();
  for (const group of groupByProfile(takers)) {
    const budget = soleBudget(group.members);
    if (!budget) for (const taker of group.members) chosen.add(taker);
    else if (own.get(budget)?.push(group) === undefined) own.set(budget, [group]);
  }
  for (const [budget, groups] of own) {
    groups.sort((a, b) => budget.servedIn(a.key) - budget.servedIn(b.key));
    let leftMs = MOST_PASS_MS;
    for (const [i, group] of groups.entries()) {
      const ms = groupMs(group, budget, colours);
      if (i > 0 && ms > leftMs) continue;
      leftMs -= ms;
      for (const taker of group.members) chosen.add(taker);
    }
  }
  return takers.filter((taker) => chosen.has(taker));
}

interface Group {
  readonly key: string;
  readonly members: Taker[];
}

function groupByProfile(takers: readonly Taker[]): Iterable<Group> {
  const groups = new Map<string, Group>();
  for (const taker of takers) {
    const { key } = taker.next;
    const group = groups.get(key) ?? { key, members: [] };
    group.members.push(taker);
    groups.set(key, group);
  }
  return groups.values();
}

/** Time that the next updates of these viewers take. Viewers that lack as much are taken to lack the same. */
function groupMs({ key, members }: Group, budget: EncoderBudget, colours: Uint16Array): number {
  const bySize = new Map(members.map(({ next }) => [next.tiles.areaPx, next]));
  let cpuMs = 0;
  for (const next of bySize.values()) cpuMs += usualCpuMsOf(next, colours);
  return budget.estimateMs(key, cpuMs);
}

function usualCpuMsOf({ tiles, profile }: NextUpdate, colours: Uint16Array): number {
  let ms = 0;
  tiles.forEachBox((at, px) => {
    ms += cpuMsPerMpx(profile, colours[at] ?? 0) * (px / 1e6);
  });
  return ms;
}

/** The budget of the only user that these takers belong to; undefined if they belong to several users or to none. */
export function soleBudget(takers: readonly Pick<Taker, 'encoder'>[]): EncoderBudget | undefined {
  const budget = takers[0]?.encoder;
  return takers.every(({ encoder }) => encoder === budget) ? budget : undefined;
}

/** A part of an update that is sent now, and what is left of it. */
export interface Piece {
  readonly part: DirtyTiles;
  readonly rest: DirtyTiles;
  /** Number of the tile that the next piece begins with. */
  readonly nextTile: number;
  /** CPU time that the part usually takes, in milliseconds. */
  readonly usualCpuMs: number;
}

let passes = 0;

/** The time that is left in one pass for what each user alone is sent. */
export class PassTime {
  readonly #leftMs = new Map<EncoderBudget, number>();
  readonly #pass = ++passes;

  /**
   * Takes as much of a plan as the user's time in this pass allows, from the tile of that number on. `colours` as in
   * SharedFrame.
   */
  take(budget: EncoderBudget, plan: UpdatePlan, colours: Uint16Array, firstTile: number): Piece {
    const { key } = plan;
    const leftMs = this.#leftMs.get(budget) ?? MOST_PASS_MS;
    const piece = cutToTime(plan, colours, firstTile, leftMs / budget.estimateMs(key, 1));
    this.#leftMs.set(budget, leftMs - budget.estimateMs(key, piece.usualCpuMs));
    return piece;
  }

  /** Charges a piece that was taken. */
  took(budget: EncoderBudget, key: string, { usualCpuMs }: Piece, cpuMs: number): void {
    budget.took(key, usualCpuMs, cpuMs, this.#pass);
  }
}

/**
 * Picks as many tiles as usually take no more CPU time than that, and LEAST_PIECE_PX at least. Begins with the tile of
 * that number and goes round the screen, so that tiles that change all the time do not delay the others for ever.
 */
export function cutToTime(
  { owed, profile }: { readonly owed: Owed; readonly profile: EncodeProfile },
  colours: Uint16Array,
  firstTile: number,
  mostCpuMs: number,
): Piece {
  const { tiles } = owed;
  const all: { at: number; px: number }[] = [];
  tiles.forEachBox((at, px) => all.push({ at, px }));
  const first = Math.max(
    0,
    all.findIndex(({ at }) => at >= firstTile),
  );
  const taken = new Set<number>();
  let [usualCpuMs, takenPx, nextTile] = [0, 0, 0];
  for (const { at, px } of [...all.slice(first), ...all.slice(0, first)]) {
    const tileMs = cpuMsPerMpx(profile, colours[at] ?? 0) * (px / 1e6);
    if (takenPx >= LEAST_PIECE_PX && usualCpuMs + tileMs > mostCpuMs) {
      nextTile = at;
      break;
    }
    usualCpuMs += tileMs;
    takenPx += px;
    taken.add(at);
  }
  if (taken.size === all.length)
    return { part: tiles, rest: new DirtyTiles(tiles.size), nextTile, usualCpuMs };
  const across = tilesAcross(tiles.size.width);
  const { yes: part, no: rest } = tiles.partition((tileX, tileY) => taken.has(tileY * across + tileX));
  return { part, rest, nextTile, usualCpuMs };
}

function cpuMsPerMpx({ encoding, lossy, zlibLevel, zstd }: EncodeProfile, colours: number): number {
  if (encoding === 'raw') return CPU_MS_PER_MPX.raw;
  if (encoding !== 'tight') return CPU_MS_PER_MPX.older;
  if (!isPhotoLike(colours)) return CPU_MS_PER_MPX.flat;
  if (lossy) return CPU_MS_PER_MPX.jpeg;
  return !zstd && zlibLevel >= HIGH_ZLIB_LEVEL ? CPU_MS_PER_MPX.lossless9 : CPU_MS_PER_MPX.lossless;
}
