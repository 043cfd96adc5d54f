import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import jpegTurbo from '@julusian/jpeg-turbo';
import { BLOCK_PX, drawFrameNumber, FRAME_NUMBERS, readFrameNumber } from '../../bench/frame-number.ts';
import { createPicture } from '../../bench/painter/picture.ts';
import type { Size } from '../../src/pixels/rect.ts';
import { type HttpsAnswer, HttpsClient } from '../support/https-client.ts';
import { MovingPicture } from '../support/moving-picture.ts';
import { residentBytes } from '../support/resident-bytes.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { XPainter } from '../support/x-painter.ts';

const { decompressSync, FORMAT_BGRX } = jpegTurbo;
const SIZE: Size = { width: 1920, height: 1080 };
const WHOLE = { x: 0, y: 0, ...SIZE };
const MARKER = { x: 0, y: 0, columns: 24, blockPx: BLOCK_PX };
const NUMBERS = 64;
/** Rounds of 5 s in which the frame rates may be compared. With more, a test of a slow server takes longer to fail. */
const ROUNDS = 6;

let server: RunningDeskwire;
let api: HttpsClient;
let painter: XPainter;
before(async () => {
  const flags = ['--size', '1920x1080', '--max-size', '3840x2160', '--run', 'true'];
  server = await startDeskwire({ flags });
  api = new HttpsClient(server.url, server.ca, server.owner);
  painter = await XPainter.open(server.xEnvironment(), numbersPicture());
});
after(async () => {
  api?.close();
  await painter?.close();
  await server?.stop();
});

/** Frame numbers 1 to NUMBERS below each other. */
function numbersPicture() {
  const picture = createPicture(MARKER.columns * BLOCK_PX, NUMBERS * BLOCK_PX);
  for (let i = 0; i < NUMBERS; i++) {
    const marker = { ...MARKER, y: i * BLOCK_PX };
    drawFrameNumber(picture.pixels, picture.width, marker, (i + 1) % FRAME_NUMBERS);
  }
  return picture;
}

/** Shows the number `number`, 1 to NUMBERS; resolves when X has it. */
async function show(number: number): Promise<void> {
  const target = { x: 0, y: 0, width: MARKER.columns * BLOCK_PX, height: BLOCK_PX };
  painter.photo(0, (number - 1) * BLOCK_PX, target);
  await painter.settled();
}

async function shot(query = '', headers: Record<string, string> = {}): Promise<HttpsAnswer> {
  return api.get(`/api/get_screenshot?${query}`, { headers });
}

function sizeOf(answer: HttpsAnswer): Size {
  const { width, height } = pixelsOf(answer);
  return { width, height };
}

function pixelsOf(answer: HttpsAnswer): Size & { pixels: Uint8Array } {
  assert.equal(answer.status, 200);
  const { data, width, height } = decompressSync(answer.body, { format: FORMAT_BGRX });
  return { pixels: data, width, height };
}

test('a screenshot of a screen that changes all the time is never older than its request', async () => {
  painter.fill(0x808080, WHOLE);
  let painted = 1;
  await show((painted % NUMBERS) + 1);
  let painting = true;
  const loop = (async () => {
    while (painting) {
      await show(((painted + 1) % NUMBERS) + 1);
      painted++;
      await sleep(5);
    }
  })();
  try {
    for (let i = 0; i < 40; i++) {
      const before = painted;
      const answer = await shot(i % 2 ? 'quality=9' : 'quality=5&x=0&y=0&w=400&h=100');
      // The next number may be on the screen already.
      const mostAhead = painted + 1 - before;
      const { pixels, width } = pixelsOf(answer);
      const seen = readFrameNumber(pixels, width, MARKER);
      assert.ok(seen !== undefined, 'the picture is not a mix of two');
      // The numbers repeat, so this is the distance forward.
      const ahead = (seen - ((before % NUMBERS) + 1) + NUMBERS) % NUMBERS;
      assert.ok(
        ahead <= mostAhead,
        `asked at number ${before}, got one ${ahead} ahead of at most ${mostAhead}`,
      );
    }
  } finally {
    painting = false;
    await loop;
  }
});

test('20 screenshots a second do not lower the frame rate of a viewer', async (t) => {
  const viewer = await Viewer.connectWebSocket(
    { url: server.url, ca: server.ca, user: server.owner },
    { decode: false },
  );
  viewer.requestSize({ width: 1280, height: 720 });
  await waitFor('the size', () => viewer.size.width === 1280);
  const picture = await MovingPicture.start(server, 30);
  try {
    await sleep(1500);
    let ratio = 0;
    // Repeated while other work on the machine slows down one of the two halves.
    for (let round = 0; round < ROUNDS && ratio < 0.9; round++) {
      const without = await framesWithin(viewer, 2500);
      const shots = takeTwentyASecond(2500);
      const beside = await framesWithin(viewer, 2500);
      assert.ok((await shots) >= 30, 'pictures were taken');
      ratio = beside / without;
      t.diagnostic(`${beside} frames beside them, ${without} without`);
    }
    assert.ok(ratio >= 0.9, `${ratio}`);
  } finally {
    await picture.close();
    viewer.requestSize(SIZE);
    await waitFor('the size', () => viewer.size.width === SIZE.width);
    await viewer.close();
  }
});

async function framesWithin(viewer: Viewer, ms: number): Promise<number> {
  let frames = 0;
  const count = (): void => void frames++;
  viewer.on('update', count);
  await sleep(ms);
  viewer.off('update', count);
  return frames;
}

/** Resolves with the number of pictures that were answered. */
async function takeTwentyASecond(ms: number): Promise<number> {
  const asked: Promise<HttpsAnswer>[] = [];
  const endMs = performance.now() + ms;
  for (let dueMs = performance.now(); dueMs < endMs; dueMs += 50) {
    await sleep(Math.max(0, dueMs - performance.now()));
    asked.push(shot('width=480&height=270'));
  }
  const answers = await Promise.all(asked);
  for (const answer of answers) assert.deepEqual(sizeOf(answer), { width: 480, height: 270 });
  return answers.length;
}

test('deduplicate and ETag tell a changed screen, and a screen that changed back', async () => {
  painter.fill(0x224466, WHOLE);
  await show(1);
  const first = await shot('deduplicate=true&width=600');
  assert.equal(first.status, 200);
  assert.equal((await shot('deduplicate=true&width=600')).status, 204);
  const { etag = '' } = first.headers;
  await show(2);
  const changed = await shot('deduplicate=true&width=600');
  assert.equal(changed.status, 200);
  assert.notEqual(changed.headers.etag, etag);
  assert.equal((await shot('width=600', { 'if-none-match': etag })).status, 200);
  await show(1);
  const back = await shot('deduplicate=true&width=600');
  assert.equal(back.status, 200, 'not the one sent last');
  assert.equal(back.headers.etag, etag);
  assert.equal((await shot('width=600', { 'if-none-match': etag })).status, 304);
});

test('a screenshot shows the pointer with cursor=true only', async () => {
  painter.fill(0xffffff, WHOLE);
  await painter.settled();
  const viewer = await Viewer.connectWebSocket({ url: server.url, ca: server.ca, user: server.owner });
  viewer.sendPointer(200, 100);
  await waitFor('the pointer', async () => (await painter.pointer()).x === 200);
  const around = 'quality=9&x=180&y=80&w=40&h=40';
  const dark = (answer: HttpsAnswer): number => pixelsOf(answer).pixels.filter((byte) => byte < 100).length;
  assert.ok(dark(await shot(`${around}&cursor=true`)) > 10);
  assert.equal(dark(await shot(around)), 0);
  assert.equal(dark(await shot(`cursor=true&${around.replace('x=180', 'x=600')}`)), 0);
  await viewer.close();
});

test('a screenshot has every width down to 1, and the size of a screen that was resized up to 4K', async () => {
  assert.deepEqual(sizeOf(await shot('width=1')), { width: 1, height: 1 });
  assert.deepEqual(sizeOf(await shot('height=1')), { width: 2, height: 1 });
  assert.deepEqual(sizeOf(await shot('width=65535')), SIZE);
  const viewer = await Viewer.connectWebSocket(
    { url: server.url, ca: server.ca, user: server.owner },
    { decode: false },
  );
  for (const size of [{ width: 3840, height: 2160 }, { width: 801, height: 603 }, SIZE]) {
    viewer.requestSize(size);
    await waitFor('the size', () => viewer.size.width === size.width);
    assert.deepEqual(sizeOf(await shot('quality=2')), size);
    const halved = {
      width: size.width >> 1,
      height: Math.round((size.height * (size.width >> 1)) / size.width),
    };
    assert.deepEqual(sizeOf(await shot(`width=${halved.width}`)), halved);
    for (const format of ['png', 'webp']) {
      const answer = await shot(`format=${format}&width=333`);
      assert.deepEqual([answer.status, answer.headers['content-type']], [200, `image/${format}`]);
    }
  }
  await viewer.close();
});

/**
 * Bytes by which the server may stay larger after screenshots. malloc keeps about 30 MiB, and the shared frame has 16
 * MiB that were not touched before. A server that gives nothing back stays 110-175 MiB larger.
 */
const GROWTH_LIMIT = 100 << 20;
/** The picture thread ends after 5 s without a job. */
const IDLE_END_LIMIT_MS = 30_000;

test('after 24 pictures of all formats the server gives most of their memory back', async (t) => {
  // Another server than the other tests have, so that nothing has grown before.
  const fresh = await startDeskwire({ flags: ['--size', '1920x1080', '--run', 'true'] });
  const freshApi = new HttpsClient(fresh.url, fresh.ca, fresh.owner);
  const freshPainter = await XPainter.open(fresh.xEnvironment(), noisePicture());
  try {
    freshPainter.photo(0, 0, WHOLE);
    await freshApi.get('/api/get_users');
    const before = await steadyBytes(fresh.pid);
    for (let i = 0; i < 24; i++) {
      freshPainter.fill(i * 70_000, { x: i * 10, y: i * 10, width: 50, height: 50 });
      await freshPainter.settled();
      const format = ['png', 'jpeg', 'webp'][i % 3];
      const answer = await freshApi.get(`/api/get_screenshot?format=${format}&width=${1920 - i}`);
      assert.equal(answer.status, 200);
    }
    const most = residentBytes(fresh.pid) - before;
    const grown = (): number => residentBytes(fresh.pid) - before;
    await waitFor('the memory to go back', () => grown() < GROWTH_LIMIT, IDLE_END_LIMIT_MS);
    t.diagnostic(`${most >> 20} MiB more after 24 pictures, ${grown() >> 20} MiB when idle`);
  } finally {
    freshApi.close();
    await freshPainter.close();
    await fresh.stop();
  }
});

/** The memory of a process once it no longer grows: a server that has just started still loads modules. */
async function steadyBytes(pid: number): Promise<number> {
  for (let last = residentBytes(pid); ; ) {
    await sleep(1000);
    const bytes = residentBytes(pid);
    if (Math.abs(bytes - last) < 1 << 20) return bytes;
    last = bytes;
  }
}

/** A photograph, as far as encoders can tell: soft waves with noise over them. */
function noisePicture() {
  const picture = createPicture(SIZE.width, SIZE.height);
  let random = 1;
  for (let i = 0; i < picture.pixels.length; i++) {
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
    picture.pixels[i] = 128 + 60 * Math.sin(i / 4000) + (random >>> 27);
  }
  return picture;
}
