import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { XConnection } from '../wire/connection.ts';
import type { SelectionAtoms } from './selection-atoms.ts';
import { SelectionReader } from './selection-reader.ts';

/** Longer than a program may take for its answer. */
const HUNG_MS = 6000;

/** Longer than the longest pause between two readings. */
const PAUSE_MS = 1100;

/** Lets the promises that a timer settled run their handlers. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a program that hangs delays the reading of the next copy by a second at most', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  const pass = async (ms: number): Promise<void> => {
    nowMs += ms;
    t.mock.timers.tick(ms);
    await settled();
  };
  let asked = 0;
  const client = {
    AllocID: () => 1,
    CreateWindow: () => undefined,
    ConvertSelection: () => {
      asked++;
    },
  };
  const x = { isOpen: true, root: 0, client, onEvent: () => undefined } as unknown as XConnection;
  const atoms = { targets: 2, utf8: 1, string: 31, incr: 3 } as SelectionAtoms;
  const reader = new SelectionReader(x, atoms, 4, () => undefined);

  reader.claimed();
  await pass(100);
  assert.equal(asked, 1);
  await pass(HUNG_MS);
  reader.claimed();
  await pass(PAUSE_MS);
  assert.equal(asked, 2);
  reader.close();
});
