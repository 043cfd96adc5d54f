import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desktop } from '../../../test/support/fleet-store-contract.ts';
import { changedState, type Desktop, EMPTY_FLEET, type FleetState } from './fleet-state.ts';
import { type FleetNode, LEASE_MS } from './nodes.ts';
import { reaped } from './reaping.ts';

const NOW = Date.UTC(2026, 0, 1, 10, 42, 30);
const node = (id: string, ageMs = 0): FleetNode => ({ id, kind: 'host', version: 0, viewers: {}, ageMs });
const LOST = [node('lost', LEASE_MS + 1000), node('live')];
const MOVES = { restart: 'elsewhere', isLeased: true, port: 21_001 } as const;

function fleet(desktops: readonly Desktop[], capacity = 10, hosts = ['lost', 'live']): FleetState {
  return changedState(
    EMPTY_FLEET,
    [
      ...hosts.map((name) => ({ kind: 'host', name, value: { name, capacity } }) as const),
      ...desktops.map((value) => ({ kind: 'desktop', name: value.name, value }) as const),
    ],
    1,
  );
}

const on = (host: string, name: string, more: Partial<Desktop> = {}): Desktop =>
  desktop(name, { host, ...more });

/** The desktops after the changes. */
function after(state: FleetState, nodes = LOST): ReadonlyMap<string, Desktop> {
  return changedState(state, reaped(state, nodes, NOW), 2).desktop;
}

test('the desktops of a lost host are lost with their former state, or placed elsewhere without what was of the host', () => {
  const desktops = after(
    fleet([
      on('lost', 'stays'),
      on('lost', 'moves', MOVES),
      on('live', 'fine', MOVES),
      on('lost', 'late', { epoch: 0 }),
    ]),
  );
  assert.deepEqual(desktops.get('stays')?.status, {
    ...{ state: 'lost', was: 'running', sinceMs: NOW },
    reason: 'Its host lost does not answer since 10:42 UTC.',
  });
  const moved = desktops.get('moves');
  assert.deepEqual(
    [moved?.host, moved?.status.state, moved?.port, moved?.isLeased],
    ['live', 'starting', undefined, undefined],
  );
  assert.equal(desktops.get('fine')?.host, 'live');
  assert.equal(desktops.get('fine')?.status.state, 'running');
  assert.equal(desktops.get('late')?.host, 'live', 'one that was never started may go anywhere');
});

test('a desktop that does not obey its lease yet is not started elsewhere', () => {
  const { isLeased: _isLeased, ...rest } = MOVES;
  const moved = after(fleet([on('lost', 'lab', rest)])).get('lab');
  assert.deepEqual([moved?.host, moved?.status.state], ['lost', 'lost']);
});

test('without room elsewhere a desktop is lost, and moves when there is room', () => {
  const state = fleet([on('lost', 'moves', MOVES), on('live', 'a')], 1);
  const lost = changedState(state, reaped(state, LOST, NOW), 2);
  assert.equal(lost.desktop.get('moves')?.status.state, 'lost');
  assert.deepEqual(reaped(lost, LOST, NOW), [], 'nothing is written twice');
  const room = changedState(lost, [{ kind: 'desktop', name: 'a', value: undefined }], 3);
  assert.equal(after(room).get('moves')?.host, 'live');
});

test('a lost host’s desktops never overbook the others', () => {
  const many = Array.from({ length: 10 }, (_, i) => on('lost', `lab-${i}`, MOVES));
  const hosts = [...after(fleet(many, 4)).values()].map(({ host }) => host);
  assert.equal(hosts.filter((host) => host === 'live').length, 4);
});

test('what has ended stays so, and what is to be removed waits for its host unless that was removed', () => {
  const ended = { status: { state: 'ended', reason: 'x', sinceMs: 1 } } as const;
  const state = fleet([on('lost', 'ended', ended), on('lost', 'going', { wanted: 'gone' })]);
  assert.deepEqual(reaped(state, LOST, NOW), []);
  const before = fleet([on('gone', 'going', { wanted: 'gone' }), on('gone', 'lab')], 1, ['live']);
  const removed = after(changedState(before, reaped(before, LOST, NOW), 2));
  assert.deepEqual([...removed.keys()], ['lab']);
  assert.deepEqual(removed.get('lab')?.status, {
    state: 'lost',
    reason: 'Its host was removed.',
    sinceMs: NOW,
  });
});

test('hosts that report, and desktops that no host has, are left alone', () => {
  const state = fleet([on('lost', 'lab'), desktop('old')]);
  assert.deepEqual(reaped(state, [node('lost', LEASE_MS - 1), node('live')], NOW), []);
});
