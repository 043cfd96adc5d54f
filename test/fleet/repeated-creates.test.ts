import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { createDice } from '../../bench/scenes/dice.ts';
import { argumentsOf, processIds, statOf } from '../../src/common/process-tree.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { startFleet } from '../../src/fleet/fleet.ts';
import { placesOf } from '../../src/fleet/host/desktop-places.ts';
import { HttpsClient } from '../support/https-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const STAND_IN = fileURLToPath(new URL('../support/stand-in-desktop.ts', import.meta.url));
const OWNER = { name: 'ada', password: 'correct horse battery' };
const CLIENTS = 4;
const CREATES = 1000;
const CAPACITY = 6;
/** More than may run, so that some are refused at each moment. */
const NAMES = Array.from({ length: 10 }, (_, i) => `desk-${i}`);
/** Creates between two removals by the same client. */
const REMOVE_EACH = 25;
const LOOK_EACH_MS = 20;

test('1,000 repeated creates from four clients start no desktop twice, and never more than there is room for', async (t) => {
  const data = temporaryFolder('deskwire-fleet-');
  const flags = new Map([
    ['port', ['0']],
    ['data', [data]],
    ['owner', [OWNER.name]],
  ]);
  const { config } = loadConfig(flags, {}, '/');
  const log = pino({ level: 'silent' });
  const fleet = await startFleet({
    ...{ config, log, program: STAND_IN, place: undefined },
    edge: { name: 'one', maxStaleMs: 10_000, blankAfterMs: undefined, adminPassword: OWNER.password },
    host: { name: 'one', capacity: CAPACITY, address: undefined, ports: { first: 1, last: 1 } },
  });
  const ca = readFileSync(join(data, 'cert.pem'), 'utf8');
  const clients = Array.from({ length: CLIENTS }, () => new HttpsClient(fleet.urls[0]!, ca, OWNER));
  const [admin] = clients as [HttpsClient];
  t.after(async () => {
    const left: { name: string }[] = (await admin.get('/api/desktops')).json();
    await Promise.all(left.map(({ name }) => remove(admin, name)));
    for (const client of clients) client.close();
    await fleet.close();
  });

  const watch = watchProcesses(data);
  t.after(() => watch.end());
  const answers = new Map<string, number>();
  await Promise.all(
    clients.map(async (client, i) => {
      const dice = createDice(i + 1);
      for (let made = 0; made < CREATES / CLIENTS; made++) {
        const name = dice.pick(NAMES);
        const { status, json } = await client.post('/api/desktops', { name, command: 'true' });
        const answer = status < 300 ? 'made or there' : json().code;
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
        if (made % REMOVE_EACH === REMOVE_EACH - 1) await remove(client, dice.pick(NAMES));
      }
    }),
  );
  t.diagnostic([...answers].map(([answer, count]) => `${answer}: ${count}`).join(', '));
  // One that is going is there until all of it is gone.
  const expected = ['FLEET_CAPACITY', 'FLEET_DESKTOP_EXISTS', 'made or there'];
  assert.deepEqual([...answers.keys()].sort(), expected);

  const stateOf = async (): Promise<{ name: string; state: string }[]> =>
    (await admin.get('/api/desktops')).json();
  const listed = await waitFor('all desktops to run', async () => {
    const desktops = await stateOf();
    return desktops.every(({ state }) => state === 'running') && desktops;
  });
  const { most, twice, now } = await watch.end();
  assert.deepEqual(twice, [], 'desktops that had two processes');
  assert.ok(most <= CAPACITY, `${most} ran at the same time`);
  assert.deepEqual(now, listed.map(({ name }) => name).sort(), 'each desktop that is listed has a process');
});

const remove = (client: HttpsClient, name: string) =>
  client.send(`/api/desktops/${name}?wait=60`, { method: 'DELETE', timeoutMs: 70_000 });

/** Looks again and again which desktops of a fleet have a process. */
function watchProcesses(data: string) {
  const names = new Map(NAMES.map((name) => [placesOf(name, data).keyFile, name]));
  const twice = new Set<string>();
  let most = 0;
  let isEnding = false;
  const look = (): string[] => {
    const found = new Map<number, { name: string; parent: number }>();
    for (const pid of processIds()) {
      const words = argumentsOf(pid);
      const name = names.get(words[words.indexOf('--edge-key-file') + 1] ?? '');
      const [state = 'Z', parent] = statOf(pid);
      // One that has ended may still wait for its parent to take note of it.
      if (name !== undefined && state !== 'Z') found.set(pid, { name, parent: Number(parent) });
    }
    // A process that has just been forked has the arguments of its parent.
    const running = [...found.values()].flatMap(({ name, parent }) => (found.has(parent) ? [] : [name]));
    most = Math.max(most, running.length);
    for (const name of running) if (running.indexOf(name) !== running.lastIndexOf(name)) twice.add(name);
    return running.sort();
  };
  const looking = (async () => {
    while (!isEnding) {
      look();
      await sleep(LOOK_EACH_MS);
    }
  })();
  return {
    async end() {
      isEnding = true;
      await looking;
      const now = look();
      return { most, twice: [...twice], now };
    },
  };
}
