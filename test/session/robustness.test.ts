import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as wire from '../../src/protocol/constants.ts';
import { HttpsClient } from '../support/https-client.ts';
import { passesOnce, withSlack } from '../support/limits.ts';
import { MovingPicture } from '../support/moving-picture.ts';
import { residentBytes } from '../support/resident-bytes.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { connectWebSocket } from '../support/transport-websocket.ts';
import { STANDARD_ENCODINGS, Viewer, type ViewerOptions } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { XPainter } from '../support/x-painter.ts';
import { xServerPid } from '../support/x-server-pid.ts';

const FPS = 30;
const MIB = 1 << 20;
/** Bytes that the server may keep for a viewer that takes nothing: socket buffers, an update, some messages. */
const MOST_KEPT_BYTES = 60 * MIB;
/**
 * Time until the server cuts off a flood, in milliseconds. It handles a flood with a quarter of its main thread: 32 MiB
 * of answers take some seconds, and more on a busy machine.
 */
const CUT_OFF_LIMIT_MS = 90_000;
/** Time until the bystander is sent a quarter of the frames again, in milliseconds. */
const SERVED_LIMIT_MS = withSlack(500);
const PINK = 0xff00cc;

let server: RunningDeskwire;
let api: HttpsClient;
let picture: MovingPicture;
let bystander: Viewer;
const viewers = new Set<Viewer>();

before(async () => {
  server = await startDeskwire({ flags: ['--size', '640x480', '--run', 'true'] });
  api = new HttpsClient(server.url, server.ca, server.owner);
  picture = await MovingPicture.start(server, FPS);
  bystander = await look();
});
afterEach(async () => {
  for (const viewer of viewers) if (viewer !== bystander) viewer.destroy();
  await waitFor('only the bystander to be left', async () => (await connected()) === 1);
  assert.equal(bystander.closedReason, undefined);
  const isServed = async (): Promise<boolean> => (await updatesWithin(bystander, 1000)) > FPS / 4;
  await waitFor('the bystander to be sent frames', isServed, SERVED_LIMIT_MS);
  assert.doesNotMatch(server.output().stderr, /"level":(50|60)/);
});
after(async () => {
  api?.close();
  await picture?.close();
  await server?.stop();
});

const target = () => ({ url: server.url, ca: server.ca, user: server.owner });

async function look(options: ViewerOptions = { decode: false }): Promise<Viewer> {
  const viewer = await Viewer.connectWebSocket(target(), options);
  viewers.add(viewer);
  return viewer;
}

async function connected(): Promise<number> {
  return Object.keys((await api.get('/api/get_bottleneck_stats')).json()[server.owner.name] ?? {}).length;
}

async function updatesWithin(viewer: Viewer, ms: number): Promise<number> {
  let updates = 0;
  const count = (): void => void updates++;
  viewer.on('update', count);
  await sleep(ms);
  viewer.off('update', count);
  return updates;
}

const u32 = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
const LATENCY_PROBE = Uint8Array.from([189, 0, 0, 0, ...u32(7)]);
const format = (bitsPerPixel: number, depth: number, trueColour: number): number[] => [
  ...[0, 0, 0, 0, bitsPerPixel, depth, 0, trueColour],
  ...[0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0],
];

/** Malformed messages, and the reason that the viewer is given. */
const NONSENSE: Readonly<Record<string, readonly [readonly number[], RegExp]>> = {
  'a message that is not known': [[77, 1, 2, 3], /not known.*77/],
  'a QEMU message that is not known': [[255, 9, 0, 0], /not known.*255\/9/],
  'a list of 65535 encodings': [[2, 0, 0xff, 0xff], /more than.*65535/],
  'an extended clipboard without flags': [[6, 0, 0, 0, ...u32(-1 >>> 0)], /contradict/],
  'an extended clipboard that does not inflate': [
    [6, 0, 0, 0, ...u32(-8 >>> 0), ...u32(0x10000001), 1, 2, 3, 4],
    /contradict.*inflate/,
  ],
  'a fence of 65 bytes': [[248, 0, 0, 0, ...u32(0), 65], /more than.*65/],
  'relay data of 4 GiB': [[183, 0, ...u32(0xffffffff)], /more than/],
  'a colour map': [format(8, 8, 0), /colour map/],
  '24 bits a pixel': [format(24, 24, 1), /pixel format/i],
};

test('a malformed message ends its viewer alone, with a reason', async () => {
  for (const [what, [bytes, reason]] of Object.entries(NONSENSE)) {
    const viewer = await look();
    viewer.sendRaw(Uint8Array.from(bytes));
    assert.match(await viewer.waitForClose(), reason, what);
  }
});

test('a malformed handshake ends with a reason', async () => {
  for (const [said, reason] of [
    ['GET / HTTP/1.1\r\n\r\n', /RFB/],
    ['RFB 002.000\n', /RFB/],
    ['RFB 003.008\n\x07', /security type/],
  ] as const) {
    const transport = await connectWebSocket(target());
    const closed = new Promise<string>((resolve) => transport.onClose(resolve));
    transport.onData(() => undefined);
    transport.send(Buffer.from(said, 'latin1'));
    assert.match(await closed, reason, said);
  }
});

test('a viewer that leaves in the middle of a message disturbs no other viewer', async () => {
  const whole = Uint8Array.from([6, 0, 0, 0, ...u32(1000), ...Array(1000).fill(65)]);
  for (const length of [1, 4, 8, 500, 1007]) {
    const viewer = await look();
    viewer.sendRaw(whole.subarray(0, length));
    if (length % 2) viewer.destroy();
    else await viewer.close();
  }
});

test('viewers that vanish in the middle of frames, many times, disturb no other viewer', async () => {
  for (let round = 0; round < 8; round++) {
    const vanishing = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        // Half of them request Raw, whose frames fill every buffer on their way.
        look(
          i % 2 ? { decode: false, encodings: [wire.ENCODING_RAW, wire.PSEUDO_FENCE] } : { decode: false },
        ),
      ),
    );
    for (const viewer of vanishing.slice(3)) viewer.pauseReading();
    await sleep(round * 15);
    for (const viewer of vanishing) viewer.destroy();
  }
});

const NEVER_READING: readonly (readonly number[])[] = [
  STANDARD_ENCODINGS,
  [wire.ENCODING_RAW],
  [wire.ENCODING_RAW, wire.PSEUDO_FENCE, wire.PSEUDO_CONTINUOUS_UPDATES],
  [wire.ENCODING_TIGHT, wire.PSEUDO_CONTINUOUS_UPDATES],
];

/** Measures while viewers with these encodings send requests all the time and read nothing. */
async function beside<T>(lists: typeof NEVER_READING, measure: () => Promise<T>): Promise<T> {
  const idle: Viewer[] = [];
  for (const encodings of lists) {
    const viewer = await look({ encodings, decode: false });
    viewer.send({ type: 'enableContinuousUpdates', on: true, x: 0, y: 0, ...viewer.size });
    viewer.pauseReading();
    idle.push(viewer);
  }
  const asking = setInterval(() => {
    for (const viewer of idle) viewer.requestUpdate(false);
  }, 10);
  try {
    return await measure();
  } finally {
    clearInterval(asking);
    for (const viewer of idle) viewer.destroy();
  }
}

test('viewers that never read cost little memory and no frames of another viewer', async () => {
  // Other programs may slow down one of the two measurements that are compared.
  await passesOnce(async () => {
    const without = await updatesWithin(bystander, 2000);
    const before = residentBytes(server.pid);
    const withThem = await beside(NEVER_READING, () => updatesWithin(bystander, 5000));
    const grown = residentBytes(server.pid) - before;
    assert.ok(grown < NEVER_READING.length * MOST_KEPT_BYTES, `${(grown / MIB).toFixed(1)} MiB more`);
    if (withThem / 5 > (without / 2) * 0.7) return undefined;
    return `${withThem / 5} a second, without them ${without / 2}`;
  });
});

test('a viewer that requests answers and never reads them is cut off', async () => {
  const before = residentBytes(server.pid);
  const viewer = await look({ updates: 'none' });
  assert.equal(await connected(), 2);
  viewer.pauseReading();
  const fence = [248, 0, 0, 0, ...u32(wire.FENCE_REQUEST), 64, ...Array(64).fill(1)];
  const many = Buffer.concat(Array.from({ length: 10_000 }, () => Uint8Array.from(fence)));
  const others = async (): Promise<boolean> => {
    viewer.sendRaw(many);
    return (await connected()) === 1;
  };
  await waitFor('it to be cut off', others, CUT_OFF_LIMIT_MS);
  const grown = residentBytes(server.pid) - before;
  assert.ok(grown < 3 * MOST_KEPT_BYTES, `${(grown / MIB).toFixed(1)} MiB more`);
  await waitFor('the line in the log', () => server.output().stderr.includes('RFB_NOT_READING'));
});

test('latency probes beyond the limit are forgotten', async () => {
  const viewer = await look({ updates: 'none' });
  let answers = 0;
  viewer.on('message', ({ type }) => type === 'latencyAnswer' && answers++);
  viewer.sendRaw(Buffer.concat(Array.from({ length: 10_000 }, () => LATENCY_PROBE)));
  viewer.requestUpdate(false);
  await viewer.waitForMessage('latencyAnswer');
  await sleep(200);
  assert.ok(answers < 1000, `${answers} answers`);
});

test('floods of input do not stop the frames of another viewer, and end', async () => {
  const without = await updatesWithin(bystander, 1000);
  const viewer = await look();
  const counting = updatesWithin(bystander, 3000);
  for (let i = 0; i < 20_000; i++) viewer.sendPointer(i % 640, i % 480, (i >> 3) & 7);
  for (let i = 0; i < 5_000; i++) viewer.typeKeys(0x61 + (i % 26));
  // More keys than any keyboard has, and none that this keymap has.
  for (let i = 0; i < 20_000; i++) viewer.sendKey(0x1004e00 + i, true);
  // Each size that is carried out is a whole new screen for every viewer.
  for (let i = 0; i < 1000; i++) viewer.requestSize({ width: 640 + (i % 7), height: 480 });
  viewer.requestSize({ width: 640, height: 480 });
  const during = (await counting) / 3;
  // On two idle cores, half of the frames remain.
  assert.ok(during > without * 0.1, `frames go on: ${during} a second, ${without} without the flood`);
  await waitFor('the last requested size', () => bystander.size.width === 640);
  await viewer.close();
  const answer = await api.get('/api/get_screenshot?width=64');
  assert.equal(answer.status, 200);
});

test('a killed X server is started again while viewers stay connected', async () => {
  const others = await Promise.all([look(), look({ encodings: [wire.ENCODING_RAW, wire.PSEUDO_FENCE] })]);
  for (let round = 0; round < 2; round++) {
    const pid = xServerPid(server.pid)!;
    process.kill(pid, 'SIGKILL');
    await picture.close();
    const answers: number[] = [];
    await waitFor('another X server', async () => {
      const answer = await api.get('/api/get_screenshot?width=64');
      answers.push(answer.status);
      if (answer.status !== 200) {
        assert.equal(answer.status, 503);
        assert.equal(answer.json().code, 'DESKTOP_LOST');
      }
      const now = xServerPid(server.pid);
      return answer.status === 200 && now !== undefined && now !== pid;
    });
    assert.equal((await api.get('/api/get_frame_stats?client=none')).status, 200);
    const decoding = await look({});
    const painter = await XPainter.open(server.xEnvironment());
    painter.fill(PINK, { x: 0, y: 0, width: 640, height: 480 });
    await painter.settled();
    await decoding.waitForUpdate(({ size, pixels }) => size.width === 640 && isPink(pixels));
    picture = await MovingPicture.start(server, FPS);
    await painter.close();
    for (const viewer of [bystander, decoding, ...others]) {
      assert.equal(viewer.closedReason, undefined);
      await waitFor('frames to be sent again', async () => (await updatesWithin(viewer, 1000)) > 0);
    }
  }
});

/** Whether the middle of the screen is pink, within the error of JPEG. */
function isPink(pixels: Uint8Array): boolean {
  const at = (240 * 640 + 320) * 4;
  const shown = [16, 8, 0].map((shift, i) => Math.abs(((PINK >> shift) & 255) - pixels[at + 2 - i]!));
  return shown.every((error) => error < 16);
}
