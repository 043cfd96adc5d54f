import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../../../../test/support/wait-for.ts';
import { DirtyTiles } from '../../../pixels/dirty-tiles.ts';
import { createKernels } from '../../../pixels/kernels/kernels.ts';
import type { Rect, Size } from '../../../pixels/rect.ts';
import { createSharedFrame } from '../../../pixels/shared-frame.ts';
import { compileKernels } from '../../../threads/compile-kernels.ts';
import { GRAB_SERVER } from './frame-requests.ts';
import { FramebufferFile, type FramebufferPlace } from './framebuffer-file.ts';
import { GrabbedSource } from './grabbed-source.ts';
import { RowQueue } from './row-queue.ts';
import { ScanHelpers } from './scan-helpers.ts';
import { createScanMemory, type ScanMemory, Scanner } from './scanner.ts';

/** Large enough for a scan to want helpers. */
const SIZE: Size = { width: 1024, height: 1024 };
const PIXELS = SIZE.width * SIZE.height;
const HEADER_BYTES = 160;

/** Milliseconds that the frame thread of a test waits at most for the helper to take a row. */
const HELPER_LIMIT_MS = 20_000;

/** Helpers that come and go. */
const COMINGS = 12;

/** Longer than a test runs. */
const NEVER_MS = 3_600_000;

const folder = mkdtempSync(join(tmpdir(), 'deskwire-helpers-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'framebuffer');
const xwd = Buffer.alloc(HEADER_BYTES + PIXELS * 4);
xwd.writeUInt32BE(HEADER_BYTES, 0);
xwd.writeUInt32BE(SIZE.width * 4, 12 * 4);

/** The file for helpers that read it by calls. */
const PLACE: FramebufferPlace = { path, mapped: undefined };

const kernels = compileKernels();

/** Words of a test: how often its helper was started, how many rows it took, and whether it may take one. */
const STARTED = 0;
const TAKEN = 1;
const MAY_TAKE = 2;

/** Returns the script of a helper that takes one row and then does `fault`. */
function faultyHelper(fault: string): URL {
  const module = new URL('./row-queue.ts', import.meta.url).href;
  const script = `
    import { workerData } from 'node:worker_threads';
    const { RowQueue } = await import(${JSON.stringify(module)});
    const { queue: buffer, words } = workerData.memory;
    const queue = new RowQueue(buffer);
    Atomics.add(words, ${STARTED}, 1);
    for (let seen = 0; ; seen = queue.wakeups) {
      Atomics.wait(words, ${MAY_TAKE}, 0);
      if (queue.take() !== undefined) {
        Atomics.add(words, ${TAKEN}, 1);
        Atomics.notify(words, ${TAKEN});
        ${fault};
      }
      queue.sleep(seen);
    }`;
  return new URL(`data:text/javascript,${encodeURIComponent(script)}`);
}

interface FaultySource {
  readonly source: GrabbedSource;
  readonly helpers: ScanHelpers;
  /** STARTED and TAKEN. */
  readonly words: Int32Array;
  readonly shown: Uint32Array;
  /** What happened to the X server. */
  readonly grabs: string[];
  /** Waits until the helper has been started that many times. */
  started(times: number): Promise<void>;
}

/**
 * Makes a source with one helper, which `fault` stops in the first two scans. The frame thread reads
 * `readsBefore` rows before the helper takes one.
 */
function createFaultySource(fault: string, readsBefore = 0): FaultySource {
  const frame = createSharedFrame(SIZE);
  const words = new Int32Array(new SharedArrayBuffer(12));
  const memory = { ...createScanMemory(), words };
  const queue = new RowQueue(memory.queue);
  const file = FramebufferFile.map(path, frame);
  const helpers = new ScanHelpers(
    { memory, kernels, frame, framebuffer: file.place },
    { script: faultyHelper(fault), count: 1, restartDelaysMs: [0, NEVER_MS] },
  );
  let reads = 0;
  const patientFile = {
    /** Waits in the middle of a scan until the helper has taken one of the rows that are left. */
    read(rects: readonly Rect[], size: Size): void {
      const isInScan = queue.next() !== undefined;
      if (isInScan && helpers.running > 0 && reads++ >= readsBefore) {
        Atomics.store(words, MAY_TAKE, 1);
        Atomics.notify(words, MAY_TAKE);
        Atomics.wait(words, TAKEN, 0, HELPER_LIMIT_MS);
      }
      file.read(rects, size);
    },
  };
  const grabs: string[] = [];
  const x = {
    send: (request: Uint8Array) => grabs.push(request === GRAB_SERVER ? 'grab' : 'ungrab'),
    flush: () => undefined,
    isOpen: true,
  };
  const scanner = new Scanner(memory, frame, createKernels(kernels, frame), patientFile);
  return {
    source: new GrabbedSource(x, scanner, helpers, file),
    helpers,
    words,
    shown: new Uint32Array(frame.memory.buffer, frame.shownAt, PIXELS),
    grabs,
    async started(times) {
      while (words[STARTED]! < times) await delay(1);
    },
  };
}

const NO_TOP = (): void => undefined;

for (const [how, fault] of [
  ['exits', 'process.exit(1)'],
  ['throws', 'throw new Error("This helper was to fail.")'],
  ['hangs in a loop', 'for (;;)'],
  ['hangs in a wait', `Atomics.wait(words, ${STARTED}, words[${STARTED}])`],
] as const) {
  test(`a scan helper that ${how} in the middle of a scan delays the capture, and loses no pixel`, async () => {
    const picture = Uint32Array.from({ length: PIXELS }, (_, i) => Math.imul(i, 2654435761) & 0xffffff);
    Buffer.from(picture.buffer).copy(xwd, HEADER_BYTES);
    writeFileSync(path, xwd);
    const { source, helpers, words, shown, grabs, started } = createFaultySource(fault);
    const startsOver: boolean[] = [];
    const capture = async (): Promise<void> => {
      const takeDamage = async (startOver: boolean) => {
        startsOver.push(startOver);
        return { size: SIZE, tiles: DirtyTiles.whole(SIZE), everything: startOver };
      };
      await source.capture(takeDamage, true, NO_TOP);
    };
    helpers.wanted();
    await started(1);
    await capture();
    assert.equal(words[TAKEN], 1, 'one row was taken and not finished');
    assert.deepEqual(startsOver, [false, true]);
    assert.deepEqual(grabs, ['grab', 'ungrab', 'grab', 'ungrab']);
    assert.ok(
      shown.every((pixel, i) => pixel === picture[i]),
      'shown is the picture',
    );

    // The helper is started again, stops in the next scan too, and is not started a third time for long.
    words[TAKEN] = 0;
    await started(2);
    await capture();
    assert.deepEqual(startsOver, [false, true, false, true]);
    assert.equal(helpers.running, 0);
    await capture();
    assert.deepEqual(startsOver, [false, true, false, true, false]);
    await source.close();
  });
}

test('a capture that has reported its top fails if a helper stops: encoders read the top meanwhile', async () => {
  writeFileSync(path, xwd);
  const { source, helpers, grabs, started } = createFaultySource('for (;;)', 8);
  helpers.wanted();
  await started(1);
  let reported = 0;
  const takeDamage = async () => ({ size: SIZE, tiles: DirtyTiles.whole(SIZE), everything: false });
  const capture = source.capture(takeDamage, true, () => reported++);
  await assert.rejects(capture, { name: 'ScanStalledError' });
  assert.equal(reported, 1);
  assert.deepEqual(grabs, ['grab', 'ungrab']);
  await source.close();
});

test('helpers are not replaced if one hangs in a system call and cannot be ended', async () => {
  const fifo = join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const words = new Int32Array(new SharedArrayBuffer(12));
  const script = `import { workerData } from 'node:worker_threads';
    import { openSync } from 'node:fs';
    Atomics.add(workerData.memory.words, ${STARTED}, 1);
    openSync(${JSON.stringify(fifo)}, 'r');`;
  const helpers = new ScanHelpers(
    {
      memory: { ...createScanMemory(), words } as ScanMemory,
      kernels,
      frame: createSharedFrame(SIZE),
      framebuffer: PLACE,
    },
    {
      script: new URL(`data:text/javascript,${encodeURIComponent(script)}`),
      count: 1,
      restartDelaysMs: [0],
    },
  );
  helpers.wanted();
  let refusal: unknown;
  // A helper that has started and has not yet reached its system call can be ended, and another one is started.
  for (let helper = 1; helper <= 5 && !refusal; helper++) {
    while (words[STARTED]! < helper) await delay(1);
    await delay(10 * helper);
    refusal = await helpers.replace().catch((error: unknown) => error);
  }
  assert.equal((refusal as { code?: string } | undefined)?.code, 'DESKTOP_LOST');
  assert.equal(helpers.running, 0);
  // Ends the helper's wait, so that the process can end.
  closeSync(openSync(fifo, 'r+'));
  await helpers.close();
});

test('a helper that ends while there is no scan is started again, more often than there are delays', async () => {
  const words = new Int32Array(new SharedArrayBuffer(12));
  const script = `import { workerData } from 'node:worker_threads';
    Atomics.add(workerData.memory.words, ${STARTED}, 1);
    process.exit(1);`;
  const helpers = new ScanHelpers(
    {
      memory: { ...createScanMemory(), words } as ScanMemory,
      kernels,
      frame: createSharedFrame(SIZE),
      framebuffer: PLACE,
    },
    {
      script: new URL(`data:text/javascript,${encodeURIComponent(script)}`),
      count: 1,
      restartDelaysMs: [0, 1, 2],
    },
  );
  helpers.wanted();
  while (words[STARTED]! < 6) await delay(1);
  await helpers.close();
});

test('a capture succeeds although no helper can be started, and helpers are tried again until one starts', async () => {
  writeFileSync(path, xwd);
  const frame = createSharedFrame(SIZE);
  const memory = createScanMemory();
  let failures = 0;
  const data = {
    memory,
    kernels,
    frame,
    /** Something that no thread can be started with, at first. */
    get framebuffer(): FramebufferPlace {
      if (failures === 3) return PLACE;
      failures++;
      return (() => PLACE) as unknown as FramebufferPlace;
    },
  };
  const helpers = new ScanHelpers(data, { count: 1, restartDelaysMs: [0, 1], idleLookMs: NEVER_MS });
  const file = FramebufferFile.map(path, frame);
  const scanner = new Scanner(memory, frame, createKernels(kernels, frame), file);
  const x = { send: () => 0, flush: () => undefined, isOpen: true };
  const source = new GrabbedSource(x, scanner, helpers, file);
  const takeDamage = async () => ({ size: SIZE, tiles: DirtyTiles.whole(SIZE), everything: false });
  assert.deepEqual((await source.capture(takeDamage, true, NO_TOP)).size, SIZE);
  assert.deepEqual([failures, helpers.running], [1, 0]);
  await waitFor('a helper', () => helpers.running === 1);
  assert.equal(failures, 3);
  await helpers.close();
  await source.close();
});

test('helpers start with the first large scan, and end when there has been none for a while', async () => {
  const frame = createSharedFrame(SIZE);
  const memory = createScanMemory();
  const file = FramebufferFile.map(path, frame);
  const helpers = new ScanHelpers(
    { memory, kernels, frame, framebuffer: file.place },
    { count: 1, idleLookMs: 50 },
  );
  const scanner = new Scanner(memory, frame, createKernels(kernels, frame), file);
  const x = { send: () => 0, flush: () => undefined, isOpen: true };
  const source = new GrabbedSource(x, scanner, helpers, file);
  const capture = (rect: Rect): Promise<unknown> => {
    const tiles = new DirtyTiles(SIZE);
    tiles.add(rect);
    return source.capture(async () => ({ size: SIZE, tiles, everything: false }), true, NO_TOP);
  };
  for (let round = 0; round < 2; round++) {
    await capture({ x: 0, y: 0, width: 64, height: 64 });
    assert.equal(helpers.running, 0);
    await capture({ x: 0, y: 0, ...SIZE });
    assert.equal(helpers.running, 1);
    await waitFor('the end of the helper', () => helpers.running === 0);
  }
  await source.close();
});

test('helpers that come and go leave no memory behind', async () => {
  writeFileSync(path, xwd);
  const frame = createSharedFrame(SIZE);
  const file = FramebufferFile.map(path, frame);
  const data = { memory: createScanMemory(), kernels, frame, framebuffer: file.place };
  const helpers = new ScanHelpers(data, { count: 1, idleLookMs: 10 });
  const comeAndGo = async (times: number): Promise<number> => {
    for (let i = 0; i < times; i++) {
      helpers.wanted();
      await waitFor('the end of the helper', () => helpers.running === 0);
    }
    return readFileSync('/proc/self/maps', 'latin1').split('\n').length;
  };
  const before = await comeAndGo(3);
  const more = (await comeAndGo(COMINGS)) - before;
  // A helper that loaded koffi would leave three mappings, and 50 KB of malloc.
  assert.ok(more < COMINGS, `${more} mappings more after ${COMINGS} helpers`);
  await helpers.close();
  file.close();
});
