// The store of a fleet on PostgreSQL and on SQLite: transactions, large calls, notifications, memory, and the time
// until everything is normal after a restart and a promotion. Starts servers of PostgreSQL on this machine.
// Run: node bench/micro/fleet-store.ts [rounds [outages]]; "outages" measures those alone.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { FleetChange } from '../../src/fleet/store/fleet-state.ts';
import { openStore } from '../../src/fleet/store/open-store.ts';
import type { PostgresPlace } from '../../src/fleet/store/postgres/store-url.ts';
import type { FleetStore } from '../../src/fleet/store/store.ts';
import { lacksPostgres } from '../../test/support/postgres-here.ts';
import { PostgresServer } from '../../test/support/postgres-server.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';

const ROUNDS = Number(process.argv[2] ?? 300);
const LARGE_ROUNDS = 20;
const OUTAGES = 5;
/** Users of a large fleet, for the memory. */
const MANY_USERS = 20_000;

const log = pino({ level: 'silent' });
const user = (name: string, hash: string): FleetChange => ({
  ...{ kind: 'user', name },
  value: {
    name,
    hash: `argon2id${hash}`.padEnd(100, '0'),
    passwordId: hash,
    read: true,
    write: false,
    owner: false,
  },
});

const percentile = (values: readonly number[], share: number): string => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(1);
};
const spread = (values: readonly number[]): string =>
  `p50 ${percentile(values, 0.5)} ms, p99 ${percentile(values, 0.99)} ms`;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

async function measure(what: string, stores: readonly FleetStore[]): Promise<void> {
  const [store] = stores as [FleetStore];
  for (let i = 0; i < 20; i++) await store.transact(() => [user('warm', String(i))]);
  const one: number[] = [];
  const tookMs = await timed(async () => {
    for (let i = 0; i < ROUNDS; i++) one.push(await timed(() => store.transact(() => [user(`u-${i}`, '1')])));
  });
  console.log(`${what}: one writer ${Math.round((ROUNDS / tookMs) * 1000)} transactions/s, ${spread(one)}`);
  const all = await timed(() =>
    Promise.all(
      stores.map(async (writer, i) => {
        for (let j = 0; j < ROUNDS; j++) await writer.transact(() => [user(`v-${i}-${j}`, '1')]);
      }),
    ),
  );
  const rate = Math.round(((stores.length * ROUNDS) / all) * 1000);
  console.log(`${what}: ${stores.length} writers ${rate} transactions/s`);
  const large: number[] = [];
  for (let i = 0; i < LARGE_ROUNDS; i++) {
    const changes = Array.from({ length: 1000 }, (_, j) => user(`w-${j}`, String(i)));
    large.push(await timed(() => store.transact(() => changes)));
  }
  console.log(`${what}: 1,000 users in one call ${spread(large)}`);
  const beats: number[] = [];
  for (let i = 0; i < ROUNDS; i++)
    beats.push(await timed(() => store.beat({ id: 'edge-1', kind: 'edge', version: i, viewers: {} })));
  console.log(`${what}: a report ${spread(beats)}`);
}

/** In a process of its own: tells when each version is seen, and how much memory it takes. */
async function watch(place: PostgresPlace | undefined, data: string): Promise<void> {
  const before = process.memoryUsage().rss;
  const startMs = performance.now();
  const store = await openStore({ place, data, log });
  const openMs = performance.now() - startMs;
  store.on('changed', (_before, { version }) =>
    process.send!({ version, at: String(process.hrtime.bigint()) }),
  );
  global.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  process.send!({ openMs, users: store.state.user.size, rss: rss - before, heapUsed });
  process.once('message', () => void store.close().then(() => process.disconnect()));
}

interface Seen {
  readonly version: number;
  readonly at: string;
}

async function watcher(place: PostgresPlace | undefined, data: string): Promise<[ChildProcess, string]> {
  const child = fork(import.meta.filename, ['watch', JSON.stringify(place ?? null), data], {
    execArgv: ['--expose-gc'],
  });
  const [facts] = (await once(child, 'message')) as [
    { openMs: number; users: number; rss: number; heapUsed: number },
  ];
  const mib = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
  const sizes = `RSS +${mib(facts.rss)} MiB, heap ${mib(facts.heapUsed)} MiB`;
  const text = `${facts.users} users: opened in ${facts.openMs.toFixed(0)} ms, ${sizes}`;
  return [child, text];
}

async function notifications(place: PostgresPlace, store: FleetStore): Promise<void> {
  const [child] = await watcher(place, '');
  const took: number[] = [];
  const sinceAnswer: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const seen = once(child, 'message') as Promise<[Seen]>;
    const begun = process.hrtime.bigint();
    await store.transact(() => [user('told', String(i))]);
    const answered = process.hrtime.bigint();
    const at = BigInt((await seen)[0].at);
    took.push(Number(at - begun) / 1e6);
    sinceAnswer.push(Number(at - answered) / 1e6);
    await sleep(5);
  }
  console.log(`PostgreSQL: change seen in another process: from the call ${spread(took)}`);
  console.log(`PostgreSQL: change seen in another process: from the answer ${spread(sinceAnswer)}`);
  child.send('end');
  await once(child, 'exit');
}

async function memory(what: string, place: PostgresPlace | undefined, data: string): Promise<void> {
  const [child, text] = await watcher(place, data);
  console.log(`${what}: ${text}`);
  child.send('end');
  await once(child, 'exit');
}

/** Time from now until a change is taken. */
const untilNormal = (store: FleetStore): Promise<number> =>
  timed(async () => {
    for (let i = 0; ; i++) {
      try {
        await store.transact(() => [user('back', String(i))]);
        return;
      } catch {
        await sleep(10);
      }
    }
  });

async function outages(): Promise<void> {
  const restarts: number[] = [];
  const promotions: number[] = [];
  for (let round = 0; round < OUTAGES; round++) {
    const primary = await PostgresServer.start();
    const database = await primary.database();
    // Without a standby: a primary that has one waits for up to 5 s until it is back, with every commit.
    const alone = await openStore({ place: primary.place(database), data: '', log });
    await alone.transact(() => [user('first', '1')]);
    await primary.kill();
    await sleep(1000 + 500 * round);
    await primary.startAgain();
    restarts.push(await untilNormal(alone));
    await alone.close();
    const standby = await primary.addStandby();
    const store = await openStore({ place: primary.place(database, [primary, standby]), data: '', log });
    await primary.kill();
    await sleep(1000 + 500 * round);
    await standby.promote();
    promotions.push(await untilNormal(store));
    await store.close();
    await standby.stop('SIGQUIT');
  }
  console.log(`PostgreSQL: normal after it takes connections again: restart ${spread(restarts)}`);
  console.log(`PostgreSQL: normal after it takes connections again: promotion ${spread(promotions)}`);
}

if (process.argv[2] === 'watch') {
  await watch(JSON.parse(process.argv[3]!) ?? undefined, process.argv[4]!);
} else {
  const lacks = lacksPostgres();
  if (lacks !== false) throw new Error(lacks);
  if (process.argv[3] !== 'outages') await quiet();
  await outages();
}

/** Everything that needs no outage. */
async function quiet(): Promise<void> {
  const data = temporaryFolder('deskwire-bench-store-');
  const embedded = await openStore({ place: undefined, data, log });
  await measure('SQLite', [embedded]);
  const server = await PostgresServer.start();
  const place = server.place(await server.database());
  const stores = await Promise.all(Array.from({ length: 4 }, () => openStore({ place, data: '', log })));
  await measure('PostgreSQL', stores);
  await notifications(place, stores[0]!);
  for (const store of [embedded, stores[0]!])
    for (let i = 0; i < MANY_USERS; i += 1000)
      await store.transact(() => Array.from({ length: 1000 }, (_, j) => user(`many-${i + j}`, '1')));
  await memory('SQLite', undefined, data);
  await memory('PostgreSQL', place, '');
  await Promise.all([embedded, ...stores].map((store) => store.close()));
  await server.stop();
}
