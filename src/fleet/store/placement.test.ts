import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desktop } from '../../../test/support/fleet-store-contract.ts';
import type { Desktop, FleetHost } from './fleet-state.ts';
import { type FleetNode, LEASE_MS, SILENT_MS } from './nodes.ts';
import { chooseHost, hostViews, mayMove, placed, requireHostAgain } from './placement.ts';

const node = (id: string, ageMs = 0): FleetNode => ({ id, kind: 'host', version: 0, viewers: {}, ageMs });

function stateOf(hosts: readonly FleetHost[], desktops: readonly Desktop[] = []) {
  return {
    ...{ version: 1, user: new Map(), template: new Map() },
    host: new Map(hosts.map((host) => [host.name, host])),
    desktop: new Map(desktops.map((one) => [one.name, one])),
  } as unknown as Parameters<typeof requireHostAgain>[0];
}

const on = (host: string, name: string, more: Partial<Desktop> = {}): Desktop =>
  desktop(name, { host, ...more });
const fresh = (name: string): Desktop => desktop(name, { epoch: 0 });

test('a host gets a desktop only if it reports in time, is not draining, has room and is not for another one', () => {
  const hosts: FleetHost[] = [
    { name: 'good', capacity: 2 },
    { name: 'full', capacity: 1 },
    { name: 'draining', capacity: 9, isDraining: true },
    { name: 'silent', capacity: 9 },
    { name: 'lost', capacity: 9 },
    { name: 'never', capacity: 9 },
    { name: 'joined', capacity: 1, only: 'lab-7' },
  ];
  const nodes = [
    ...['good', 'full', 'draining', 'joined'].map((id) => node(id)),
    ...[node('silent', SILENT_MS), node('lost', LEASE_MS)],
  ];
  const views = hostViews(stateOf(hosts, [on('full', 'a'), on('good', 'b')]), nodes);
  assert.deepEqual(
    views.map(({ host, state, used, reason }) => [host.name, state, used, reason]),
    [
      ['draining', 'draining', 0, 'It is draining.'],
      ['full', 'up', 1, 'It has 1 of 1 desktops.'],
      ['good', 'up', 1, ''],
      ['joined', 'up', 0, 'It runs the desktop lab-7 alone.'],
      ['lost', 'lost', 0, 'It has not reported for 10 s.'],
      ['never', 'lost', 0, 'It does not run.'],
      ['silent', 'silent', 0, 'It has not reported for 5 s.'],
    ],
  );
  assert.equal(chooseHost(views), 'good');
});

test('an edge’s report is none of a host of the same name', () => {
  const [view] = hostViews(stateOf([{ name: 'a', capacity: 1 }]), [{ ...node('a'), kind: 'edge' }]);
  assert.equal(view?.state, 'lost');
});

test('desktops that have ended take no room, and those that may still run on a silent host do', () => {
  const status = (state: Desktop['status']['state'], was?: 'running'): Partial<Desktop> => ({
    status: { state, reason: '', sinceMs: 0, ...(was && { was }) },
  });
  const desktops = [
    on('a', 'ended', status('ended')),
    on('a', 'gone', status('lost')),
    on('a', 'silent', status('lost', 'running')),
    on('a', 'paused', status('paused')),
  ];
  assert.equal(hostViews(stateOf([{ name: 'a', capacity: 9 }], desktops), [node('a')])[0]?.used, 2);
});

test('many new desktops fill hosts evenly by their capacity, and never above it', () => {
  const hosts = [
    { name: 'large', capacity: 20 },
    { name: 'small', capacity: 10 },
  ];
  const nodes = [node('large'), node('small')];
  const names = Array.from({ length: 30 }, (_, i) => `lab-${i}`);
  const half = Map.groupBy(placed(stateOf(hosts), nodes, names.slice(0, 15).map(fresh)), ({ host }) => host);
  assert.deepEqual([half.get('large')?.length, half.get('small')?.length], [10, 5]);
  const all = Map.groupBy(placed(stateOf(hosts), nodes, names.map(fresh)), ({ host }) => host);
  assert.deepEqual([all.get('large')?.length, all.get('small')?.length], [20, 10]);
  assert.throws(() => placed(stateOf(hosts), nodes, [...names, 'one-more'].map(fresh)), {
    code: 'FLEET_CAPACITY',
    detail: 'large: It has 20 of 20 desktops. small: It has 10 of 10 desktops.',
  });
});

test('of many hosts, a few are compared, so that one that is always empty does not get all', () => {
  const hosts = Array.from({ length: 50 }, (_, i) => ({ name: `host-${i}`, capacity: 10 }));
  const busy = hosts.slice(1).map(({ name }, i) => on(name, `lab-${i}`));
  const views = hostViews(
    stateOf(hosts, busy),
    hosts.map(({ name }) => node(name)),
  );
  let seed = 1;
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const chosen = Array.from({ length: 1000 }, () => chooseHost(views, random));
  const toEmpty = chosen.filter((name) => name === 'host-0').length;
  assert.ok(toEmpty > 20 && toEmpty < 120, `${toEmpty} of 1000`);
});

test('a desktop is started anew where its files are, and elsewhere only if it may and its own host cannot', () => {
  const hosts = [
    { name: 'own', capacity: 1 },
    { name: 'other', capacity: 1 },
  ];
  const nodes = [node('own'), node('other')];
  const running = on('own', 'lab', { restart: 'elsewhere', isLeased: true });
  const ended = { ...running, status: { state: 'ended', reason: '', sinceMs: 0 } } as const;
  const again = (one: Desktop, given = nodes, rest: readonly Desktop[] = []): string =>
    requireHostAgain(stateOf(hosts, [one, ...rest]), given, one);
  assert.equal(again(running), 'own');
  assert.equal(again(ended), 'own');
  assert.equal(again(ended, nodes, [on('own', 'x')]), 'other');
  assert.throws(() => again({ ...ended, restart: 'here' }, nodes, [on('own', 'x')]), {
    code: 'FLEET_CAPACITY',
  });
  // While its process may still run, it stays.
  assert.throws(() => again(running, [node('own', SILENT_MS), node('other')]), { code: 'FLEET_CAPACITY' });
  assert.equal(again(running, [node('own', LEASE_MS), node('other')]), 'other');
  assert.throws(() => again({ ...running, isLeased: false }, [node('other')]), { code: 'FLEET_CAPACITY' });
});

test('a desktop that was never started may move, whatever its settings', () => {
  const host = { name: 'a', capacity: 1 };
  const never = desktop('lab', { epoch: 0 });
  assert.ok(mayMove(never, { state: 'silent', host }));
  assert.ok(!mayMove(never, { state: 'lost', host: { ...host, only: 'lab' } }), 'its platform starts it');
  assert.ok(!mayMove(desktop('lab', { epoch: 1, isLeased: true }), { state: 'lost', host }));
});
