import assert from 'node:assert/strict';
import { test } from 'node:test';
import { desktop } from '../../../test/support/fleet-store-contract.ts';
import type { FleetNode } from '../store/nodes.ts';
import { confirmedBy } from './confirm.ts';

const node = (id: string, kind: FleetNode['kind'], version: number, ageMs = 0): FleetNode => ({
  ...{ id, kind, version, viewers: {}, ageMs },
});
const NO_DESKTOPS = { desktop: new Map() };

test('a change is confirmed by those who act on its version, and missing of all others, however old their reports', () => {
  const nodes = [
    node('edge-1', 'edge', 812),
    node('edge-2', 'edge', 813, 60_000),
    node('edge-3', 'edge', 811, 3_000_000),
    node('host-1', 'host', 812),
  ];
  assert.deepEqual(confirmedBy(NO_DESKTOPS, nodes, 812), {
    ...{ confirmed: 3, missing: ['edge-3'], desktops_told: true },
  });
  assert.deepEqual(confirmedBy(NO_DESKTOPS, nodes, 813), {
    ...{ confirmed: 1, missing: ['edge-1', 'edge-3', 'host-1'], desktops_told: false },
  });
});

test('a host that has ended while its desktops run on is missing, and one without desktops is not', () => {
  const at = (host: string, state: 'running' | 'ended') => {
    const status = { state, reason: '', sinceMs: 1 };
    return desktop(`of-${host}`, { host, status });
  };
  const desktops = [at('host-1', 'running'), at('host-2', 'running'), at('host-3', 'ended')];
  const state = { desktop: new Map(desktops.map((one) => [one.name, one])) };
  assert.deepEqual(confirmedBy(state, [node('host-1', 'host', 5)], 5), {
    ...{ confirmed: 1, missing: ['host-2'], desktops_told: false },
  });
});
