import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { waitFor } from '../../../test/support/wait-for.ts';
import { Heart } from './heart.ts';
import { BEAT_MS } from './nodes.ts';
import { SqliteStore } from './sqlite-store.ts';

const log = pino({ level: 'silent' });

test('nodes report their viewers and versions, and know those of the others', async (t) => {
  const place = temporaryFolder('deskwire-heart-');
  const hearts = ['edge:a', 'edge:b'].map((id, i) => {
    const store = new SqliteStore(place);
    t.after(() => store.close());
    return new Heart({ store, id, kind: 'edge', viewers: () => ({ 'lab-1': i + 1 }), log });
  });
  t.after(() => Promise.all(hearts.map((heart) => heart.close())));
  for (const heart of hearts) await heart.start();
  const [first, second] = hearts as [Heart, Heart];
  assert.equal(second.viewersElsewhere.get('lab-1'), 1);
  await first.beatNow();
  assert.equal(first.viewersElsewhere.get('lab-1'), 2);
  assert.deepEqual(
    first.nodes.map(({ id, version }) => [id, version]),
    [
      ['edge:a', 0],
      ['edge:b', 0],
    ],
  );
  await waitFor('the next report', () => first.silentMs > BEAT_MS / 2);
  await waitFor('it to be sent', () => first.silentMs < BEAT_MS / 2);
  assert.ok(first.steadyMs > BEAT_MS / 2);
});

test('a store that does not answer breaks the series of reports, and reports begin again with it', async (t) => {
  const store = new SqliteStore(temporaryFolder('deskwire-heart-'));
  t.after(() => store.close());
  const beat = store.beat.bind(store);
  let isAway = false;
  store.beat = (report) => (isAway ? Promise.reject(new Error('away')) : beat(report));
  const heart = new Heart({ store, id: 'a', kind: 'host', viewers: () => ({}), log });
  t.after(() => heart.close());
  await heart.start();
  isAway = true;
  await waitFor('the break', () => heart.steadyMs === 0 && heart.silentMs > 2 * BEAT_MS);
  isAway = false;
  await waitFor('the next report', () => heart.silentMs < BEAT_MS);
  assert.ok(heart.steadyMs < BEAT_MS, 'the series begins anew');
});
