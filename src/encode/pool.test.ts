import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { ManualTicker } from '../../test/support/manual-ticker.ts';
import { TroubledScript } from '../../test/support/troubled-script.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import {
  createSharedFrame,
  MOST_PACKERS,
  MOST_SCALERS,
  PICTURE_SCALER,
  shownPixels,
} from '../pixels/shared-frame.ts';
import { SERVER_PIXEL_FORMAT } from '../protocol/pixel-format.ts';
import { jpegQualityOf } from '../protocol/quality.ts';
import { loadWebpEncoder } from './encoders/webp.ts';
import { encodeRect } from './make/encode-rect.ts';
import type { EncodedRect, EncodeJob } from './make/job.ts';
import { makePicture, type PictureFormat, type PictureJob } from './make/picture.ts';
import { EncoderPool } from './pool.ts';
import { createThreadPacker } from './threads/thread-packer.ts';
import { createThreadScaler } from './threads/thread-scaler.ts';

const SIZE = { width: 320, height: 200 };

suite('the encoder threads', () => {
  const frame = createSharedFrame(SIZE);
  shownPixels(frame, SIZE).forEach((_, i, pixels) => {
    pixels[i] = (i * i) >> 7;
  });
  let pool: EncoderPool;
  before(() => {
    pool = new EncoderPool(frame, 2);
  });
  after(() => pool.close());

  const JPEG = { name: 'jpeg', jpeg: jpegQualityOf(5) } as const;
  const rectJob = (y: number, method: EncodeJob['method']): EncodeJob => ({
    frameSize: SIZE,
    rect: { x: 0, y, width: 320, height: 20 },
    method,
    format: SERVER_PIXEL_FORMAT,
    zlibLevel: 1,
  });

  const pictureJob = (format: PictureFormat): PictureJob => ({
    frameSize: SIZE,
    crop: { x: 10, y: 10, width: 300, height: 150 },
    size: { width: 100, height: 50 },
    format,
    jpeg: jpegQualityOf(5),
    cursor: undefined,
  });

  /** Encodes a rect and copies its bytes, which are valid in this turn only. */
  async function encode(job: EncodeJob): Promise<EncodedRect & { bytes: Buffer }> {
    const encoded = await pool.encodeRect(job);
    return { ...encoded, bytes: Buffer.from(encoded.bytes) };
  }

  test('encoder threads make the same bytes as the calling thread', async () => {
    const jobs = [0, 40, 80, 120, 180].flatMap((y) => [
      rectJob(y, JPEG),
      rectJob(y, { name: 'lossless' }),
      rectJob(y, { name: 'raw' }),
      rectJob(y, { name: 'webp', webp: 60 }),
      rectJob(y, { name: 'webp', webp: 'lossless' }),
    ]);
    const webp = await loadWebpEncoder();
    const packer = createThreadPacker(frame, MOST_PACKERS - 2);
    const encoded = await Promise.all(jobs.map(encode));
    for (const [i, { bytes, encoder, areaPx }] of encoded.entries()) {
      const here = encodeRect(frame, jobs[i]!, { webp, packer });
      assert.deepEqual([bytes, encoder, areaPx], [Buffer.from(here.bytes), here.encoder, here.areaPx]);
    }
  });

  test('encoder threads scale video down at the same time', async () => {
    const shown = Buffer.from(shownPixels(frame, SIZE));
    const jobs = [0, 40, 80, 120].map((y): EncodeJob => {
      const rect = { x: 0, y, width: 320, height: 40 };
      return { ...rectJob(0, JPEG), rect, scaledTo: { width: 150, height: 19, filter: 'area' } };
    });
    const scale = createThreadScaler(frame, MOST_SCALERS - 1);
    const expected = jobs.map((job) => Buffer.from(encodeRect(frame, job, { scale }).bytes));
    for (let round = 0; round < 10; round++) {
      const encoded = await Promise.all(jobs.map(encode));
      assert.deepEqual(
        encoded.map(({ bytes }) => bytes),
        expected,
      );
      for (const { scaling } of encoded) assert.ok(scaling && scaling.endUs >= scaling.startUs);
    }
    assert.deepEqual(Buffer.from(shownPixels(frame, SIZE)), shown);
  });

  test('small rects are encoded on the calling thread, unless there are many in a turn', async () => {
    const nextTurn = (): Promise<unknown> => new Promise((resolve) => setImmediate(resolve));
    const encoded = async (height: number, method: EncodeJob['method']): Promise<string> => {
      const job = { ...rectJob(0, method), rect: { x: 0, y: 0, width: 256, height } };
      await pool.encodeRect(job);
      return 'at once';
    };
    /** Resolves before the answer of a thread can arrive. */
    const withinTurn = async (): Promise<string> => {
      for (let i = 0; i < 100; i++) await undefined;
      return 'later';
    };
    const first = async (method: EncodeJob['method'], ...heights: number[]): Promise<string[]> => {
      await nextTurn();
      return Promise.all(heights.map((height) => Promise.race([encoded(height, method), withinTurn()])));
    };
    const lossless = { name: 'lossless' } as const;
    assert.deepEqual(await first(lossless, 64), ['at once']);
    assert.deepEqual(await first(lossless, 65), ['later']);
    assert.deepEqual(await first(lossless, 30, 30, 30), ['at once', 'at once', 'later']);
    assert.deepEqual(await first(JPEG, 100, 100, 100), ['at once', 'at once', 'later']);
    assert.deepEqual(await first(lossless, 64), ['at once']);
  });

  test('the picture thread makes pictures, and reports earlier that it has read the frame', async () => {
    const scale = createThreadScaler(frame, PICTURE_SCALER);
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const told: string[] = [];
      const picture = await pool.encodePicture(pictureJob(format), () => told.push('read'));
      assert.deepEqual(told, ['read']);
      const here = await makePicture(frame, pictureJob(format), () => undefined, scale);
      assert.deepEqual(Buffer.from(picture.bytes), Buffer.from(here.bytes), format);
      assert.equal(picture.tag, here.tag);
    }
  });

  test('a rect that cannot be encoded is rejected, and the others are encoded', async () => {
    const outside = { ...rectJob(0, { name: 'lossless' }), rect: { x: 0, y: 1e9, width: 10, height: 10 } };
    const [failed, good] = await Promise.allSettled([encode(outside), encode(rectJob(0, JPEG))]);
    assert.deepEqual([failed.status, good.status], ['rejected', 'fulfilled']);
  });
});

suite('threads that start later', () => {
  const frame = createSharedFrame(SIZE);
  shownPixels(frame, SIZE).forEach((_, i, pixels) => {
    pixels[i] = (i * i) >> 7;
  });
  const job: EncodeJob = {
    frameSize: SIZE,
    rect: { x: 0, y: 0, ...SIZE },
    method: { name: 'lossless' },
    format: SERVER_PIXEL_FORMAT,
    zlibLevel: 1,
  };

  test('where there are few cores, the first picture of viewers is encoded before there are threads', async () => {
    const pool = new EncoderPool(frame, 2);
    pool.warmUp();
    const hold = pool.holdForViewers();
    const encoded = pool.encodeRect(job);
    assert.ok(encoded instanceof Promise, 'in a later turn');
    const bytes = Buffer.from((await encoded).bytes);
    assert.equal(pool.load.threads, 0);
    await waitFor('a thread', () => pool.load.threads > 0);
    assert.deepEqual(Buffer.from((await pool.encodeRect(job)).bytes), bytes);
    hold.release();
    await pool.close();
  });

  test('where there are more cores, threads start ahead', async () => {
    const pool = new EncoderPool(frame, 3);
    pool.warmUp();
    // They may end again, one by one, as no viewer comes.
    await waitFor('a thread', () => pool.load.threads > 0);
    await pool.close();
  });

  test('threads do not start for viewers that have left before', async () => {
    const pool = new EncoderPool(frame, 2);
    pool.holdForViewers().release();
    const other = pool.holdForViewers();
    await waitFor('the threads', () => pool.load.threads > 0);
    other.release();
    await pool.close();
  });
});

test('the scratch of encoder threads is given back when they have ended, and not before', async () => {
  const size = { width: 640, height: 400 };
  const frame = createSharedFrame(size);
  const shown = shownPixels(frame, size);
  shown.forEach((_, i) => {
    shown[i] = (i >> 2) % 7;
  });
  const time = new ManualTicker();
  const pool = new EncoderPool(frame, 2, { ticker: time.ticker });
  const encode = (height: number): Promise<Buffer> =>
    Promise.resolve(
      pool.encodeRect({
        frameSize: size,
        rect: { x: 0, y: 0, width: 640, height },
        method: { name: 'lossless' },
        format: SERVER_PIXEL_FORMAT,
        zlibLevel: 1,
      }),
    ).then(({ bytes }) => Buffer.from(bytes));
  const isUsed = (lane: number): boolean => {
    const at = frame.packersAt + lane * frame.packerBytes;
    return Buffer.from(frame.memory.buffer, at, frame.packerBytes).some((byte) => byte !== 0);
  };
  const small = await encode(16);
  const [large] = await Promise.all([encode(400), encode(400)]);
  pool.giveBackMemory();
  assert.deepEqual([isUsed(0), isUsed(MOST_PACKERS - 1)], [true, true], 'while threads run');
  while (time.isRunning) time.pass(LONG_MS);
  pool.giveBackMemory();
  assert.deepEqual([isUsed(0), isUsed(1), isUsed(MOST_PACKERS - 1)], [false, false, false]);
  assert.deepEqual(await encode(16), small);
  assert.deepEqual(await encode(400), large);
  await pool.close();
});

/** Longer than a thread may take to start, or for a rect or a picture of this size. */
const LONG_MS = 20_000;

/** A thread that ends or computes without end in jobs at certain places, and otherwise does what the real one does. */
const troubled = (name: 'encode' | 'picture'): TroubledScript =>
  new TroubledScript(
    new URL(`./threads/${name}.worker.ts`, import.meta.url),
    `({ rect, crop }) => ({ 101: 'exit', 102: 'loop' })[(rect ?? crop).x]`,
  );

suite('encoder threads that are lost in the middle of their work', () => {
  const frame = createSharedFrame(SIZE);
  const rect = (x: number): EncodeJob => ({
    frameSize: SIZE,
    rect: { x, y: 0, width: 200, height: 200 },
    method: { name: 'lossless' },
    format: SERVER_PIXEL_FORMAT,
    zlibLevel: 1,
  });
  const picture = (x: number): PictureJob => ({
    frameSize: SIZE,
    crop: { x, y: 0, width: 100, height: 100 },
    size: { width: 100, height: 100 },
    format: 'png',
    jpeg: jpegQualityOf(5),
    cursor: undefined,
  });

  for (const [x, how] of [
    [101, 'end'],
    [102, 'hang'],
  ] as const) {
    test(`a rect in which encoder threads ${how} fails alone, and all others are encoded`, async () => {
      using script = troubled('encode');
      const time = new ManualTicker();
      const pool = new EncoderPool(frame, 1, { rectScript: script.url, ticker: time.ticker });
      const [lost, ...others] = [x, 0, 1, 2, 3, 4, 5].map(async (place) => pool.encodeRect(rect(place)));
      if (how === 'hang') await passWhenHung(script, time);
      await assert.rejects(lost!, { code: 'THREAD_LOST' });
      for (const { areaPx } of await Promise.all(others)) assert.equal(areaPx, 200 * 200);
      await pool.close();
    });

    test(`a picture in which the picture threads ${how} fails, and the next one is made`, async () => {
      using script = troubled('picture');
      const time = new ManualTicker();
      const pool = new EncoderPool(frame, 1, { pictureScript: script.url, ticker: time.ticker });
      let read = 0;
      const lost = pool.encodePicture(picture(x), () => read++);
      if (how === 'hang') await passWhenHung(script, time);
      await assert.rejects(lost, { code: 'THREAD_LOST' });
      assert.equal(read, 1, 'the shown picture may change again');
      await pool.encodePicture(picture(0), () => undefined);
      await pool.close();
    });
  }

  test('encoder threads that hang are closed', async () => {
    using script = troubled('encode');
    const pool = new EncoderPool(frame, 1, { rectScript: script.url });
    const lost = Promise.resolve(pool.encodeRect(rect(102)));
    await script.untilHung(1);
    await Promise.all([pool.close(), assert.rejects(lost, { code: 'THREADS_CLOSED' })]);
  });
});

/** Lets the time pass in which a thread is found to hang, for the thread and for the one that runs its job again. */
async function passWhenHung(script: TroubledScript, time: ManualTicker): Promise<void> {
  for (const threads of [1, 2]) {
    await script.untilHung(threads);
    time.pass(LONG_MS);
  }
}

test('a closed encoder pool refuses jobs', async () => {
  const pool = new EncoderPool(createSharedFrame(SIZE), 1);
  await pool.close();
  const crop = { x: 0, y: 0, ...SIZE };
  const job = {
    frameSize: SIZE,
    crop,
    size: SIZE,
    format: 'jpeg',
    jpeg: jpegQualityOf(5),
    cursor: undefined,
  } as const;
  await assert.rejects(
    pool.encodePicture(job, () => undefined),
    { code: 'THREADS_CLOSED' },
  );
});

/** An encoder thread that answers with whether it may keep a context of zstd. */
const TELLING = `
  import { parentPort, workerData } from 'node:worker_threads';
  new Int32Array(workerData.gate)[0] = 0;
  parentPort.on('message', (tasks) => {
    if (!Array.isArray(tasks)) process.exit();
    for (const { id } of tasks)
      parentPort.postMessage([{ id, result: { keepsZstd: workerData.keepsZstd, bytes: new Uint8Array(1) } }]);
  });
  parentPort.postMessage([]);`;

test('encoder threads beyond a number keep no context of zstd, because each leaves memory behind', async () => {
  const pool = new EncoderPool(createSharedFrame(SIZE), 3, {
    rectScript: new URL(`data:text/javascript,${encodeURIComponent(TELLING)}`),
    mostZstdKeepers: 2,
  });
  try {
    // WebP is never encoded on the calling thread.
    const job: EncodeJob = {
      frameSize: SIZE,
      rect: { x: 0, y: 0, ...SIZE },
      method: { name: 'webp', webp: 60 },
      format: SERVER_PIXEL_FORMAT,
      zlibLevel: 1,
    };
    const keeps: boolean[] = [];
    for (const answer of await Promise.all([1, 2, 3].map(() => pool.encodeRect(job))))
      keeps.push((answer as unknown as { keepsZstd: boolean }).keepsZstd);
    assert.deepEqual(keeps, [true, true, false]);
  } finally {
    await pool.close();
  }
});
