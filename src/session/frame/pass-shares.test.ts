import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MOST_PASS_MS, MOST_USER_MS, sharePass } from './pass-shares.ts';

interface Wanted {
  readonly key: string;
  readonly users: ReadonlySet<string>;
  readonly ms: number;
  readonly servedIn: number;
}

/** A demand such as `ada+bob:14`. */
function demand(text: string, servedIn = -1): Wanted {
  const [users, ms] = text.split(':') as [string, string];
  return { key: text, users: new Set(users.split('+')), ms: Number(ms), servedIn };
}

const share = (...texts: readonly string[]): Map<Wanted, { leftMs: number }> =>
  sharePass(texts.map((text) => demand(text)));

/** What the served demands may take together, each account once and no more than its demands need. */
function totalMs(shared: ReturnType<typeof share>): number {
  const needed = new Map<{ readonly leftMs: number }, number>();
  for (const [{ ms }, allowance] of shared) needed.set(allowance, (needed.get(allowance) ?? 0) + ms);
  return [...needed].reduce((sum, [{ leftMs }, ms]) => sum + Math.min(ms, leftMs), 0);
}

const many = (count: number, text: (i: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => text(i));

suite('the time of a pass', () => {
  for (const { what, demands, whole, served, mostMs = MOST_PASS_MS } of [
    { what: 'nothing', demands: [], whole: 0, served: 0 },
    { what: 'one cheap user', demands: ['ada:5'], whole: 1, served: 1 },
    { what: 'one expensive user', demands: ['eve:300'], whole: 0, served: 1, mostMs: MOST_USER_MS },
    { what: 'two films', demands: ['ada:15', 'bob:15'], whole: 2, served: 2 },
    { what: 'a cheap and an expensive user', demands: ['eve:300', 'ada:10'], whole: 1, served: 2 },
    {
      what: 'a cheap user and three expensive ones',
      demands: ['eve:300', 'mal:300', 'ada:9', 'sam:300'],
      whole: 1,
      served: 4,
    },
    {
      what: 'a cheap user and fifty expensive ones',
      demands: ['ada:0.5', ...many(50, (i) => `eve${i}:300`)],
      whole: 1,
      served: 10,
    },
    {
      what: 'five users with a common profile and an expensive one',
      demands: ['ada+bob+cyd+dan+eva:28', 'eve:300'],
      whole: 1,
      served: 2,
    },
    {
      what: 'two users with thirty common profiles, and a third user',
      demands: ['ada:12', ...many(30, (i) => `eve+mal:${20 + i}`)],
      whole: 1,
      served: 3,
    },
    {
      what: 'an expensive user who has joined the common profile',
      demands: ['ada+bob+eve:14', ...many(30, () => 'eve:15')],
      whole: 2,
      served: 2,
    },
  ]) {
    test(`the time of a pass with ${what} is not exceeded`, () => {
      const shared = share(...demands);
      assert.equal(shared.size, served);
      const wholes = [...shared].filter(([{ ms }, { leftMs }]) => ms <= leftMs);
      assert.equal(wholes.length, whole);
      assert.ok(totalMs(shared) <= mostMs + 1e-9, `${totalMs(shared)} ms`);
    });
  }

  test('what takes least time is encoded first', () => {
    assert.deepEqual(
      [...share('eve:300', 'ada:9', 'bob:2').keys()].map(({ key }) => key),
      ['bob:2', 'ada:9', 'eve:300'],
    );
  });

  test('users whose shares would be too small take turns', () => {
    const servedIn = new Map<string, number>();
    const counts = new Map<string, number>();
    for (let pass = 0; pass < 50; pass++) {
      const demands = many(20, (i) => `eve${i}:300`).map((text) => demand(text, servedIn.get(text)));
      for (const { key } of sharePass(demands).keys()) {
        servedIn.set(key, pass);
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    assert.deepEqual([...new Set(counts.values())], [25]);
  });

  test('expensive profiles of one user take turns, and one is in each pass', () => {
    const servedIn = new Map<string, number>();
    for (const [pass, key] of ['eve:100', 'eve:101', 'eve:102', 'eve:100', 'eve:101'].entries()) {
      const demands = many(3, (i) => `eve:${100 + i}`).map((text) => demand(text, servedIn.get(text)));
      assert.deepEqual(
        [...sharePass(demands).keys()].map((served) => served.key),
        [key],
      );
      servedIn.set(key, pass);
    }
  });
});
