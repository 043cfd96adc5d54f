import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COVERED_MS, type FrameStats, History, stagesByViewer, summarise } from './stages.ts';

const STATS: FrameStats = {
  frame: { server_time_us: 20_000 },
  server_side: [
    { process_name: 'Analysis', time_us: 2000 },
    { process_name: 'Screenshot', time_us: 3000 },
    { process_name: 'Encoding_total', time_us: 9000 },
    { process_name: 'TightJPEGEncoder', time_us: 30_000 },
  ],
  client_side: [
    {
      client: 'near',
      client_time_us: 7000,
      client_wait_us: 0,
      ping_us: 2000,
      processes: [{ process_name: 'scanRenderQ', time_us: 5000 }],
    },
    { client: 'far', client_time_us: 100, client_wait_us: 4000, ping_us: 90_000, processes: [] },
  ],
};

test('a frame is divided into what the server, the link and each viewer took', () => {
  const stages = stagesByViewer(STATS);
  assert.deepEqual([...stages.keys()], ['near', 'far']);
  // capture, compare, encode, queue, busy, link, draw
  assert.deepEqual(stages.get('near'), [3, 2, 9, 6, 0, 3, 5]);
  assert.deepEqual(stages.get('far'), [3, 2, 9, 6, 4, 45.1, 0]);
});

test('no stage is negative where threads worked at the same time, or clocks disagree', () => {
  const odd = { ...STATS, frame: { server_time_us: 1000 } };
  const times = stagesByViewer({
    ...odd,
    client_side: [
      {
        ...STATS.client_side[0]!,
        client_time_us: 10,
        processes: [{ process_name: 'scanRenderQ', time_us: 20 }],
      },
    ],
  }).get('near')!;
  assert.ok(times.every((ms) => ms >= 0));
});

test('a history has the frames of the last minute, summed up by stage', () => {
  const history = new History();
  assert.equal(summarise(history.samples), undefined);
  history.add({ atMs: 0, times: [100, 1] });
  history.add({ atMs: COVERED_MS, times: [2, 1] });
  assert.equal(history.samples.length, 2);
  history.add({ atMs: COVERED_MS + 1, times: [4, 3] });
  assert.deepEqual(summarise(history.samples), [
    { last: 4, mean: 3, most: 4 },
    { last: 3, mean: 2, most: 3 },
  ]);
  history.forgetBefore(2 * COVERED_MS);
  assert.deepEqual(history.samples, []);
});
