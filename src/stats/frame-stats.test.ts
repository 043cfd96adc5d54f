import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assembleFrameStats, type FrameTiming } from './frame-stats.ts';

const frame: FrameTiming = {
  width: 1680,
  height: 971,
  changedPx: 978_768,
  serverUs: 45_400,
  analysisUs: 2_100,
  screenshotUs: 3_499,
  encodingUs: 25_500,
  videoScalingUs: 0,
  encoders: new Map([
    ['TightJPEGEncoder', { cpuUs: 3_200, count: 1, areaPx: 786_432 }],
    ['TightZlibEncoder', { cpuUs: 400, count: 7, areaPx: 100 }],
  ]),
};

test("a frame's statistics have KasmVNC's form, with exact times beside whole milliseconds", () => {
  assert.deepEqual(assembleFrameStats(frame, [], []), {
    frame: { resx: 1680, resy: 971, changed: 60, server_time: 45, server_time_us: 45_400 },
    server_side: [
      { process_name: 'Analysis', time: 2, time_us: 2_100 },
      { process_name: 'Screenshot', time: 3, time_us: 3_499 },
      { process_name: 'Encoding_total', time: 26, time_us: 25_500, videoscaling: 0, videoscaling_us: 0 },
      { process_name: 'TightJPEGEncoder', time: 3, time_us: 3_200, count: 1, area: 786_432 },
      { process_name: 'TightWEBPEncoder', time: 0, time_us: 0, count: 0, area: 0 },
      { process_name: 'TightZlibEncoder', time: 0, time_us: 400, count: 7, area: 100 },
    ],
    client_side: [],
    start_up: [],
  });
});

test("a viewer's own times are listed with its round trip and its wait", () => {
  const { client_side } = assembleFrameStats(
    frame,
    [{ client: 'a', allUs: 1_400, renderUs: 300, waitUs: 20, pingUs: 54_000 }],
    [],
  );
  assert.deepEqual(client_side, [
    {
      client: 'a',
      client_time: 1,
      client_time_us: 1_400,
      client_wait_us: 20,
      ping: 54,
      ping_us: 54_000,
      processes: [{ process_name: 'scanRenderQ', time: 0, time_us: 300 }],
    },
  ]);
});

test('a screen of size 0 has a changed share of 0', () => {
  assert.equal(assembleFrameStats({ ...frame, width: 0, height: 0 }, [], []).frame.changed, 0);
});

test("the frames of a viewer's start are listed as such, with or without the whole picture", () => {
  const { start_up } = assembleFrameStats(
    frame,
    [],
    [
      { client: 'a', frames: 2, serverUs: 90_400, slowestUs: 80_200.4, pictureUs: 210_000 },
      { client: 'b', frames: 0, serverUs: 0, slowestUs: 0, pictureUs: undefined },
    ],
  );
  const none = { frames: 0, server_time: 0, server_time_us: 0, slowest_time: 0, slowest_time_us: 0 };
  assert.deepEqual(start_up, [
    {
      client: 'a',
      frames: 2,
      server_time: 90,
      server_time_us: 90_400,
      slowest_time: 80,
      slowest_time_us: 80_200,
      picture_time: 210,
      picture_time_us: 210_000,
    },
    { client: 'b', ...none, picture_time: null, picture_time_us: null },
  ]);
});
