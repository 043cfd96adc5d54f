import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { MOST_MARKS } from '../../src/fleet/store/postgres/statements.ts';
import { MAX_WAITING } from '../../src/fleet/store/postgres/writer.ts';
import { CuttingProxy, type Ends } from '../support/cutting-proxy.ts';
import { userChange } from '../support/fleet-store-contract.ts';
import { lacksPostgres } from '../support/postgres-here.ts';
import { PostgresServer } from '../support/postgres-server.ts';
import { PostgresStores } from '../support/postgres-stores.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const skip = lacksPostgres();
const server = skip === false ? await PostgresServer.start() : undefined;
after(() => server?.stop());

/** Rounds in which a writer is killed. `STORE_ROUNDS=100` for a thorough run. */
const ROUNDS = Number(process.env.STORE_ROUNDS ?? 5);

/** A store whose connections pass through a proxy, and another one that looks directly. */
async function throughProxy(t: TestContext) {
  const direct = await PostgresStores.make(t, server!);
  const proxy = await CuttingProxy.open(server!.port);
  const place = server!.place(direct.database);
  const hosts = [{ host: '127.0.0.1', port: proxy.port }];
  const store = await new PostgresStores(t, { place: { ...place, hosts } }).open();
  t.after(() => proxy.close());
  return { proxy, store, other: await direct.open() };
}

/** Cuts the next commit only. */
function atNextCommit(proxy: CuttingProxy, cut: (commit: Buffer, ends: Ends) => void): { count: number } {
  const seen = { count: 0 };
  proxy.intercept = (bytes, ends) => {
    if (!bytes.includes('; COMMIT') || seen.count++ > 0) return false;
    cut(bytes, ends);
    return true;
  };
  return seen;
}

/** What may happen to a connection at the moment of a commit. */
const CUTS: Readonly<Record<string, (commit: Buffer, ends: Ends) => void>> = {
  'before the server has it': (_commit, { client, server }) => {
    client.destroy();
    server.destroy();
  },
  'before the server has it, and the server is not told': (_commit, { client }) => {
    client.destroy();
  },
  'when the server has made it': (commit, { client, server }) => {
    server.write(commit);
    server.once('data', () => {
      client.destroy();
      server.destroy();
    });
  },
  'and the server gets it a second later': (commit, { client, server }) => {
    client.destroy();
    setTimeout(() => server.write(commit), 1000);
  },
  'and both sides hear nothing more': () => {},
};

for (const [when, cut] of Object.entries(CUTS)) {
  test(`a connection that is cut at its commit, ${when}, makes the change once`, { skip }, async (t) => {
    const { proxy, store, other } = await throughProxy(t);
    const before = (await store.transact(() => [userChange('ada')])).version;
    const seen = atNextCommit(proxy, cut);
    // A second application would be seen by the count.
    const counts: number[] = [];
    const after = await store.transact(({ user: users }) => {
      counts.push(users.size);
      return [userChange(`user-${users.size}`)];
    });
    assert.ok(seen.count > 0, 'a commit was cut');
    assert.deepEqual([...after.user.keys()], ['ada', 'user-1']);
    assert.equal(after.version, before + 1);
    assert.deepEqual(new Set(counts), new Set([1]));
    await other.refresh();
    assert.deepEqual([...other.state.user.keys()], ['ada', 'user-1']);
    assert.equal(other.state.version, before + 1);
  });
}

test('other processes write on while one is cut off in the midst of a transaction', { skip }, async (t) => {
  const { proxy, store, other } = await throughProxy(t);
  atNextCommit(proxy, () => {});
  const cut = store.transact(() => [userChange('late')]);
  const { user: users } = await other.transact(() => [userChange('other')]);
  assert.ok(users.has('other'));
  assert.ok((await cut).user.has('late'));
});

test('a transaction whose commit may have been made, of a store that stays away, is unsure', {
  skip,
}, async (t) => {
  const { proxy, store, other } = await throughProxy(t);
  atNextCommit(proxy, (commit, { client, server }) => {
    server.write(commit);
    server.once('data', () => {
      proxy.isCut = true;
      client.destroy();
    });
  });
  await assert.rejects(
    store.transact(() => [userChange('ada')]),
    { code: 'FLEET_STORE_UNSURE' },
  );
  await other.refresh();
  assert.ok(other.state.user.has('ada'), 'this one was made');
});

test('marks of transactions are kept for a while, not for ever', { skip }, async (t) => {
  const stores = await PostgresStores.make(t, server!);
  const store = await stores.open();
  for (const name of ['ada', 'bob']) await store.transact(() => [userChange(name)]);
  const marks = () =>
    server!.sql('SELECT version::int FROM deskwire.writes ORDER BY version', stores.database);
  assert.deepEqual(await marks(), [{ version: 1 }, { version: 2 }]);
  // As after many transactions.
  await server!.sql(`UPDATE deskwire.fleet SET version = ${MOST_MARKS + 1}`, stores.database);
  await store.transact(() => [userChange('eve')]);
  assert.deepEqual(await marks(), [{ version: MOST_MARKS + 2 }]);
});

test('transactions that wait for others of their process are refused when there are too many', {
  skip,
}, async (t) => {
  const stores = await PostgresStores.make(t, server!);
  const store = await stores.open();
  const refused = Array.from({ length: MAX_WAITING + 1 }, () =>
    store
      .transact(() => [])
      .then(
        () => undefined,
        (error: Error) => error,
      ),
  );
  const last = (await refused.at(-1))!;
  assert.equal((last as Error & { code: string }).code, 'FLEET_STORE_UNAVAILABLE');
  assert.match((last.cause as Error).message, /too many/);
  await store.close();
  await Promise.all(refused);
});

test('transactions of many processes whose connections are cut all the time are made once each', {
  skip,
}, async (t) => {
  const direct = await PostgresStores.make(t, server!);
  const proxy = await CuttingProxy.open(server!.port);
  t.after(() => proxy.close());
  const hosts = [{ host: '127.0.0.1', port: proxy.port }];
  const stores = new PostgresStores(t, { place: { ...server!.place(direct.database), hosts } });
  const writers = await Promise.all(Array.from({ length: 3 }, () => stores.open()));
  const cuts = Object.values(CUTS).slice(0, 3);
  let isOver = false;
  t.after(() => {
    isOver = true;
  });
  let messages = 0;
  proxy.intercept = (bytes, ends) => {
    if (messages++ % 29 !== 28) return false;
    cuts[messages % cuts.length]!(bytes, ends);
    return true;
  };
  const results = await Promise.all(
    writers.flatMap((writer, i) =>
      Array.from({ length: 15 }, async (_, j) => {
        const name = `user-${i}-${j}`;
        for (;;) {
          const outcome = await writer
            .transact(({ user: users }) => {
              if (users.has(name)) throw new Error(`${name} is there already`);
              return [userChange(name)];
            })
            .then(
              () => 'made' as const,
              (error: { code?: string; message: string }) => error.code ?? error.message,
            );
          // Nothing was changed: asked again, as a caller would.
          if (outcome === 'FLEET_STORE_UNAVAILABLE' && !isOver) await sleep(50);
          else return { name, outcome };
        }
      }),
    ),
  );
  proxy.intercept = () => false;
  const store = await direct.open();
  const { user: users, version } = store.state;
  for (const { name, outcome } of results) {
    // Of a slow machine, each of the connections that look for a commit may be cut, too.
    if (outcome !== 'FLEET_STORE_UNSURE') assert.equal(outcome, 'made', name);
    if (outcome === 'made') assert.ok(users.has(name), `${name} is lost`);
  }
  assert.equal(version, users.size, 'each was made once');
});

test('of a writer that is killed at any moment, PostgreSQL has whole transactions only', {
  skip,
}, async (t) => {
  const url = new URL('../../src/fleet/store/open-store.ts', import.meta.url).href;
  const source = join(temporaryFolder('deskwire-writer-'), 'writer.mjs');
  writeFileSync(
    source,
    `
    const { openStore } = await import(${JSON.stringify(url)});
    const log = { warn() {}, info() {}, error() {} };
    const store = await openStore({ place: JSON.parse(process.argv[2]), data: '', log });
    for (let i = 0; ; i++) {
      const names = Array.from({ length: 1000 }, (_, j) => 'user-' + (i % 5) + '-' + j);
      await store.transact(() => names.map((name) => ({ kind: 'user', name, value: { name, hash: String(i) } })));
      console.log(i);
    }`,
  );
  const stores = await PostgresStores.make(t, server!);
  const reader = await stores.open();
  for (let round = 0; round < ROUNDS; round++) {
    const place = JSON.stringify(server!.place(stores.database));
    const child = spawn(process.execPath, [source, place], { stdio: ['ignore', 'pipe', 'inherit'] });
    const before = reader.state.version;
    let acknowledged = -1;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      acknowledged = Number(text.trim().split('\n').at(-1));
      // At another moment of a transaction in each round.
      if (acknowledged >= round % 3) setTimeout(() => child.kill('SIGKILL'), Math.random() * 60);
    });
    await once(child, 'close');
    // A transaction that was under way holds its lock until the server has seen the end of the writer.
    await reader.transact(() => []);
    const { user: users, version } = reader.state;
    assert.ok(version > before + acknowledged, 'an acknowledged transaction is lost');
    assert.equal(users.size % 1000, 0, `round ${round}`);
    const byName = Map.groupBy(users.values(), ({ name }) => name.split('-')[1]);
    for (const [part, written] of byName) {
      assert.equal(written.length, 1000, `round ${round}, part ${part}`);
      assert.equal(new Set(written.map(({ hash }) => hash)).size, 1, `round ${round}, part ${part} is mixed`);
    }
  }
});
