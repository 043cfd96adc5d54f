import { cutToTime, type Piece, sharpeningCpuMs, usualCpuMs } from './encode-time.ts';
import type { EncoderBudget } from './encoder-budget.ts';
import { type Allowance, MOST_USER_MS, sharePass } from './pass-shares.ts';
import type { NextUpdate, Taker, UpdatePlan } from './taker.ts';

/**
 * Different updates of one profile with which another one is compared. With fewer, equal updates may be counted twice;
 * with more, many different ones take longer to tell apart.
 */
const MOST_COMPARED = 8;

/** What a pass serves. */
export interface PlannedPass {
  /** In the order in which they are encoded: what takes least time goes first. */
  readonly takers: readonly Taker[];
  readonly time: PassTime;
}

/**
 * Chooses the takers of one pass for a session that several users watch, and bounds what is encoded for them. `users`
 * is the number of users who watch; `colours` as in SharedFrame. What all users are sent delays nobody else, and is not
 * bounded. The takers of `background`, which are sent the same, take nothing of the others' time: a frame that waits
 * interrupts them. They have the time of one user.
 */
export function planPass(
  takers: readonly Taker[],
  colours: Uint16Array,
  users: number,
  background: readonly Taker[],
): PlannedPass {
  const chosen: Taker[] = [];
  const demands: Group[] = [];
  for (const [key, members] of groupByProfile(takers)) {
    const budgets = budgetsOf(members);
    if (budgets.size === 0 || budgets.size === users) chosen.push(...members);
    else demands.push(createGroup(key, members, budgets, colours));
  }
  const allowances = new Map<Taker, Allowance>();
  for (const [group, allowance] of sharePass(demands)) {
    for (const taker of membersInTime(group, allowance.leftMs)) {
      allowances.set(taker, allowance);
      chosen.push(taker);
    }
  }
  const allowance = { leftMs: MOST_USER_MS };
  for (const taker of background) allowances.set(taker, allowance);
  chosen.push(...background);
  return { takers: chosen, time: new PassTime(allowances) };
}

/** The takers of one profile. */
interface Group {
  readonly users: ReadonlySet<EncoderBudget>;
  readonly ms: number;
  readonly servedIn: number;
  /** How often an update of the profile was sent. */
  readonly servings: number;
  /** Takers with equal updates, and the time of each. */
  readonly equals: readonly { readonly members: Taker[]; readonly ms: number }[];
}

function groupByProfile(takers: readonly Taker[]): Map<string, Taker[]> {
  const groups = new Map<string, Taker[]>();
  for (const taker of takers) {
    const { key } = taker.next;
    const members = groups.get(key);
    if (members) members.push(taker);
    else groups.set(key, [taker]);
  }
  return groups;
}

function createGroup(
  key: string,
  members: readonly Taker[],
  users: ReadonlySet<EncoderBudget>,
  colours: Uint16Array,
): Group {
  const equals: { next: NextUpdate; members: Taker[]; ms: number }[] = [];
  for (const taker of members) {
    const { next } = taker;
    const same = equals.slice(-MOST_COMPARED).find((other) => areEqual(other.next, next));
    if (same) same.members.push(taker);
    else equals.push({ next, members: [taker], ms: estimateMs(users, key, cpuMsOf(next, colours)) });
  }
  const known = [...users];
  return {
    users,
    ms: equals.reduce((sum, { ms }) => sum + ms, 0),
    servedIn: Math.max(...known.map((budget) => budget.servedIn(key))),
    servings: Math.max(...known.map((budget) => budget.servings(key))),
    equals,
  };
}

/** Takers whose updates differ take turns if not all fit into the time. The first one is served in any case. */
function membersInTime({ equals, ms, servings }: Group, leftMs: number): Taker[] {
  const first = servings % equals.length;
  const inTurn = ms <= leftMs ? equals : [...equals.slice(first), ...equals.slice(0, first)];
  const takers: Taker[] = [];
  let sumMs = 0;
  for (const { members, ms: itsMs } of inTurn) {
    sumMs += itsMs;
    if (takers.length > 0 && sumMs > leftMs) break;
    takers.push(...members);
  }
  return takers;
}

/** Whether two updates of one profile have the same pixels. */
export const areEqual = (a: NextUpdate, b: NextUpdate): boolean =>
  a.sharpeningPx === b.sharpeningPx && a.tiles.equals(b.tiles);

const cpuMsOf = ({ tiles, profile, sharpeningPx }: NextUpdate, colours: Uint16Array): number =>
  usualCpuMs(tiles, profile, colours) + sharpeningCpuMs(profile, sharpeningPx);

const budgetsOf = (takers: readonly Pick<Taker, 'encoder'>[]): Set<EncoderBudget> =>
  new Set(takers.flatMap(({ encoder }) => encoder ?? []));

/** A cost that one user knows to be high is high for all. */
const estimateMs = (budgets: ReadonlySet<EncoderBudget>, key: string, cpuMs: number): number =>
  Math.max(...[...budgets].map((budget) => budget.estimateMs(key, cpuMs)));

let passes = 0;

/** The time that is left in one pass for what not all users are sent. */
export class PassTime {
  readonly #allowances: ReadonlyMap<Taker, Allowance>;
  readonly #pass = ++passes;

  constructor(allowances: ReadonlyMap<Taker, Allowance>) {
    this.#allowances = allowances;
  }

  /**
   * Takes as much of a plan as the takers' time in this pass allows. Undefined if it is not bounded. `colours` as in
   * SharedFrame.
   */
  take(
    takers: readonly Taker[],
    { key, owed, profile }: UpdatePlan,
    colours: Uint16Array,
  ): Piece | undefined {
    const [first] = takers;
    const allowance = first && this.#allowances.get(first);
    if (!allowance) return undefined;
    const budgets = budgetsOf(takers);
    const sharpeningMs = sharpeningCpuMs(profile, owed.sharpening?.areaPx ?? 0);
    const mostCpuMs = allowance.leftMs / estimateMs(budgets, key, 1) - sharpeningMs;
    const piece = cutToTime(owed.tiles, profile, colours, first.nextTile, mostCpuMs);
    const cpuMs = piece.usualCpuMs + sharpeningMs;
    allowance.leftMs -= estimateMs(budgets, key, cpuMs);
    return { ...piece, usualCpuMs: cpuMs };
  }

  /** Charges a piece that was taken. Users who are sent the same share its cost. */
  took(takers: readonly Taker[], key: string, piece: Piece, cpuMs: number): void {
    const budgets = budgetsOf(takers);
    for (const budget of budgets)
      budget.took(key, { usualCpuMs: piece.usualCpuMs, cpuMs, share: 1 / budgets.size }, this.#pass);
  }
}
