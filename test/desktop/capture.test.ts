import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import type { Desktop } from '../../src/desktop/desktop.ts';
import { Capturer } from '../../src/desktop/x11/frame/capturer.ts';
import type { Damaged, FrameSource } from '../../src/desktop/x11/frame/frame-source.ts';
import type { XConnection } from '../../src/desktop/x11/wire/connection.ts';
import type { LeanConnection } from '../../src/desktop/x11/wire/lean-connection.ts';
import type { DirtyTiles } from '../../src/pixels/dirty-tiles.ts';
import { createKernels } from '../../src/pixels/kernels/kernels.ts';
import { createSharedFrame, type SharedFrame } from '../../src/pixels/shared-frame.ts';
import { compileKernels } from '../../src/threads/compile-kernels.ts';
import { bareDesktop, captureAll, connectTo, leanConnectTo, shown, until, withoutX, xwd } from './support.ts';

/** The two threads' clocks differ by microseconds, unless a busy machine interrupts every try to compare them. */
const CLOCK_ERROR_MS = 100;

let desktop: Desktop;
let env: NodeJS.ProcessEnv;
let painter: XConnection;
let gc: number;

before(async () => {
  ({ desktop, env } = await bareDesktop());
  painter = await connectTo(env);
  gc = painter.client.AllocID();
  painter.client.CreateGC(gc, painter.root, { graphicsExposures: 0 });
});
after(async () => {
  await painter.close();
  await desktop.close();
});

function fill(colour: number, x: number, y: number, width: number, height: number): void {
  painter.client.ChangeGC(gc, { foreground: colour });
  painter.client.PolyFillRectangle(painter.root, gc, [x, y, width, height]);
}

const random = (below: number): number => Math.floor(Math.random() * below);

function scribble(): void {
  fill(random(0x1000000), random(700) - 30, random(500) - 30, 1 + random(120), 1 + random(90));
}

async function assertSame(): Promise<void> {
  await painter.sync();
  await captureAll(desktop);
  const real = await xwd(env);
  assert.deepEqual({ width: real.width, height: real.height }, desktop.size);
  assert.ok(shown(desktop).equals(withoutX(real.pixels)), 'the committed picture is what X shows');
}

test('a new desktop is damaged and has its size, and the first capture has everything', async () => {
  assert.deepEqual(desktop.size, { width: 640, height: 480 });
  const capture = await desktop.capture();
  assert.equal(capture.changed.areaPx, 640 * 480);
  assert.equal(capture.resized, false);
  await desktop.commit();
  await assertSame();
});

test('a small change is reported once, and captured exactly to the pixel', async () => {
  let told = 0;
  const count = (): void => {
    told++;
  };
  desktop.on('damage', count);
  const damaged = once(desktop, 'damage');
  fill(0xff8800, 61, 62, 5, 4);
  await damaged;
  fill(0x0088ff, 300, 300, 1, 1);
  await painter.sync();
  // The frame thread's messages come in order: a second report would be here before the capture.
  const { changed } = await desktop.capture();
  assert.equal(told, 1, 'damage is not reported again before a capture');
  await desktop.commit();
  const area = changed.rects(640).reduce((sum, rect) => sum + rect.width * rect.height, 0);
  assert.equal(area, 5 * 4 + 1);
  desktop.off('damage', count);
  await assertSame();
});

test('pixels that are drawn again with the same colours are no change', async () => {
  fill(0x335577, 0, 0, 640, 480);
  await painter.sync();
  await captureAll(desktop);
  const damaged = once(desktop, 'damage');
  fill(0x335577, 0, 0, 640, 480);
  await damaged;
  const { changed } = await desktop.capture();
  await desktop.commit();
  assert.equal(changed.isEmpty, true);
});

test('hundreds of random rects that are drawn between captures end in exactly the picture that X shows', async () => {
  for (let round = 0; round < 40; round++) {
    for (let i = 0; i < 12; i++) scribble();
    await desktop.capture({ commitAtOnce: round % 2 === 0 });
    await desktop.commit();
  }
  await assertSame();
});

test('thousands of scattered dots are captured at once', async () => {
  for (let i = 0; i < 3000; i++) fill(random(0x1000000), random(640), random(480), 2, 2);
  await assertSame();
});

test('a desktop in which no program draws reports no damage', async () => {
  await captureAll(desktop);
  let told = 0;
  const count = (): void => {
    told++;
  };
  desktop.on('damage', count);
  // Captures ask the X server and the frame thread for all that they have to report.
  await painter.sync();
  await captureAll(desktop);
  assert.equal(told, 0);
  desktop.off('damage', count);
});

test('a desktop that is resized up and down while a program draws is captured in each size', async () => {
  const sizes = [
    { width: 1281, height: 721 },
    { width: 1600, height: 1200 },
    { width: 333, height: 999 },
    { width: 641, height: 77 },
    { width: 640, height: 480 },
  ];
  let isPainting = true;
  const painting = (async () => {
    while (isPainting) {
      scribble();
      await painter.sync();
    }
  })();
  const seen: string[] = [];
  for (const size of sizes) {
    assert.deepEqual(await desktop.resize(size), size);
    const capture = await until(async () => {
      const found = await desktop.capture();
      await desktop.commit();
      return found.resized && found;
    }, 'a capture of the new size');
    seen.push(`${capture.size.width}x${capture.size.height}`);
    assert.equal(capture.changed.areaPx, size.width * size.height);
    assert.deepEqual(desktop.size, size);
  }
  isPainting = false;
  await painting;
  assert.deepEqual(
    seen,
    sizes.map(({ width, height }) => `${width}x${height}`),
  );
  await assertSame();
});

test('a size out of range is clamped, and the present size changes nothing', async () => {
  assert.deepEqual(await desktop.resize({ width: 100_000, height: 0 }), { width: 1600, height: 64 });
  assert.deepEqual(await desktop.resize({ width: 1600, height: 64 }), { width: 1600, height: 64 });
  assert.deepEqual(await desktop.resize({ width: 640, height: 480 }), { width: 640, height: 480 });
  await assertSame();
});

test('several resizes at the same time are carried out in order', async () => {
  const sizes = [700, 800, 900].map((width) => desktop.resize({ width, height: 600 }));
  assert.deepEqual(
    (await Promise.all(sizes)).map((size) => size.width),
    [700, 800, 900],
  );
  await assertSame();
});

test('a second capture at the same time is refused', async () => {
  const first = desktop.capture();
  await assert.rejects(desktop.capture(), { code: 'DESKTOP_BUSY' });
  await first;
  await desktop.commit();
});

test('an armed capture begins at the damage, contains all of it, and the damage is not reported', async () => {
  await assertSame();
  let told = 0;
  let tell: () => void = () => undefined;
  const onDamage = (): void => {
    told++;
    tell();
  };
  desktop.on('damage', onDamage);
  for (let round = 0; round < 30; round++) {
    const armed = desktop.armCapture({ notBeforeMs: 0 });
    if (!armed) {
      // The last capture had begun before all of its scribbles were drawn.
      await captureAll(desktop);
      continue;
    }
    // Such a scribble may also be reported after the next capture was armed, which it then does not begin.
    const reported = new Promise<'reported'>((resolve) => {
      tell = () => resolve('reported');
    });
    const paintedAtMs = performance.now();
    for (let i = 0; i < 3; i++) scribble();
    await painter.sync();
    if ((await Promise.race([armed.captured, reported])) === 'reported' && armed.callOff()) {
      await captureAll(desktop);
      continue;
    }
    await armed.captured;
    const endedAtMs = performance.now();
    assert.ok(armed.damagedAtMs >= paintedAtMs - CLOCK_ERROR_MS);
    assert.ok(armed.damagedAtMs <= endedAtMs + CLOCK_ERROR_MS);
    assert.equal(armed.callOff(), false, 'a capture that has begun can not be called off');
  }
  desktop.off('damage', onDamage);
  assert.ok(told < 30, 'only damage during a capture is reported');
  await assertSame();
});

test('an armed capture that is called off leaves the damage to be reported', async () => {
  await assertSame();
  const armed = desktop.armCapture({ notBeforeMs: 0 });
  assert.ok(armed);
  await assert.rejects(desktop.capture(), { code: 'DESKTOP_BUSY' });
  assert.equal(armed.callOff(), true);
  const damaged = once(desktop, 'damage');
  fill(0x998877, 10, 10, 30, 30);
  await damaged;
  assert.equal(desktop.armCapture({ notBeforeMs: 0 }), undefined, 'there is damage already');
  await assertSame();
});

test('damage before the time of an armed capture is reported', async () => {
  await assertSame();
  const armed = desktop.armCapture({ notBeforeMs: performance.now() + 60_000 });
  const damaged = once(desktop, 'damage');
  fill(0x556677, 10, 10, 30, 30);
  await damaged;
  assert.equal(armed?.callOff(), true);
  await assertSame();
});

test('a capture that fails loses no damage: the next capture has everything', async () => {
  const x = await leanConnectTo(env);
  const frame = createSharedFrame({ width: 640, height: 480 });
  const seen: Damaged[] = [];
  let isFailing = false;
  const source: FrameSource = {
    async capture(takeDamage) {
      const damaged = await takeDamage(false);
      seen.push(damaged);
      if (isFailing) throw new Error('This one was to fail.');
      return { size: damaged.size, readUs: 0, compareUs: 0, moved: [] };
    },
    settle: () => undefined,
    close: async () => undefined,
  };
  const kernels = createKernels(compileKernels(), frame);
  const capturer = await Capturer.open(x, frame, kernels, source, () => undefined);
  await capturer.capture({ commitAtOnce: true }, () => undefined);
  fill(0x010203, 5, 5, 400, 100);
  await painter.sync();
  isFailing = true;
  await assert.rejects(capturer.capture({ commitAtOnce: true }, () => undefined));
  isFailing = false;
  await capturer.capture({ commitAtOnce: true }, () => undefined);
  fill(0x030201, 5, 5, 400, 100);
  await painter.sync();
  await capturer.capture({ commitAtOnce: true }, () => undefined);
  assert.deepEqual(
    seen.map(({ everything, tiles }) => [everything, tiles.areaPx]),
    [
      [true, 640 * 480],
      [false, 400 * 100],
      [true, 640 * 480],
      [false, 400 * 100],
    ],
  );
  x.close();
});

/** A capturer that has captured once, and a promise of the next damage. */
async function openCapturer(x: LeanConnection, frame: SharedFrame, source: FrameSource) {
  let tell: () => void = () => undefined;
  const kernels = createKernels(compileKernels(), frame);
  const capturer = await Capturer.open(x, frame, kernels, source, () => tell());
  await capturer.capture({ commitAtOnce: true }, () => undefined);
  const damaged = new Promise<void>((resolve) => {
    tell = resolve;
  });
  return { capturer, damaged };
}

test('damage that grows after a small change was asked for is captured whole', async () => {
  const x = await leanConnectTo(env);
  const frame = createSharedFrame(desktop.size);
  const taken: DirtyTiles[] = [];
  const source: FrameSource = {
    async capture(takeDamage) {
      const { size, tiles } = await takeDamage(false);
      taken.push(tiles);
      return { size, readUs: 0, compareUs: 0, moved: [] };
    },
    settle: () => undefined,
    close: async () => undefined,
  };
  const { capturer, damaged } = await openCapturer(x, frame, source);
  // The X server carries out no request of the capture before it is released.
  painter.client.GrabServer();
  fill(0x112233, 10, 10, 5, 5);
  await damaged;
  const captured = capturer.capture({ commitAtOnce: true }, () => undefined);
  fill(0x332211, 300, 300, 7, 7);
  painter.client.UngrabServer();
  await captured;
  assert.equal(taken.length, 2, 'the pixels of the small change were not enough');
  assert.ok(taken[1]!.areaPx < 640 * 480);
  for (const [px, py] of [
    [10, 10],
    [306, 306],
  ]) {
    const isTaken = taken[1]!.rects(desktop.size.width).some(({ x, y, width, height }) => {
      return px! >= x && px! < x + width && py! >= y && py! < y + height;
    });
    assert.ok(isTaken, `pixel ${px},${py}`);
  }
  x.close();
  await captureAll(desktop);
});

test('a small change is captured without any other source of pixels', async () => {
  const x = await leanConnectTo(env);
  const frame = createSharedFrame(desktop.size);
  let captures = 0;
  const source: FrameSource = {
    async capture(takeDamage) {
      captures++;
      return { size: (await takeDamage(false)).size, readUs: 0, compareUs: 0, moved: [] };
    },
    settle: () => undefined,
    close: async () => undefined,
  };
  const { capturer, damaged } = await openCapturer(x, frame, source);
  fill(0x987654, 60, 100, 200, 50);
  await damaged;
  await capturer.capture({ commitAtOnce: true }, () => undefined);
  assert.equal(captures, 1, 'only the first capture, of the whole screen');
  const pixel = new Uint32Array(frame.memory.buffer, frame.shownAt + (149 * desktop.size.width + 259) * 4, 2);
  assert.deepEqual([pixel[0]! & 0xffffff, pixel[1]], [0x987654, 0]);
  x.close();
  await captureAll(desktop);
});
