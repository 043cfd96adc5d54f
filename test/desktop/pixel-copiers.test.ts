import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ImageCapture } from '../../src/desktop/x11/frame/image-capture.ts';
import type { PixelCopier } from '../../src/desktop/x11/frame/pixel-copier.ts';
import { ShmCapture } from '../../src/desktop/x11/frame/shm-capture.ts';
import { XConnection } from '../../src/desktop/x11/wire/connection.ts';
import type { Rect } from '../../src/pixels/rect.ts';
import { createSharedFrame } from '../../src/pixels/shared-frame.ts';
import { type ForeignXServer, startForeignXServer } from '../support/foreign-x-server.ts';
import { withoutX, xwd } from './support.ts';

const SIZE = { width: 300, height: 200 };

/** Some overlap: together they are larger than the screen. */
const RECTS: readonly Rect[] = [
  { x: 0, y: 0, width: 300, height: 100 },
  { x: 0, y: 90, width: 300, height: 110 },
  { x: 17, y: 33, width: 61, height: 120 },
  { x: 299, y: 199, width: 1, height: 1 },
  { x: 0, y: 0, width: 300, height: 200 },
];

let xServer: ForeignXServer;
let x: XConnection;

before(async () => {
  xServer = await startForeignXServer(SIZE);
  x = await XConnection.open({ display: xServer.display });
  const gc = x.client.AllocID();
  x.client.CreateGC(gc, x.root, { foreground: 0 });
  for (let i = 0; i < 200; i++) {
    x.client.ChangeGC(gc, { foreground: Math.floor(Math.random() * 0x1000000) });
    const rect = [Math.random() * 300, Math.random() * 200, 40, 30].map(Math.floor);
    x.client.PolyFillRectangle(x.root, gc, rect);
  }
  await x.sync();
});
after(async () => {
  await x.close();
  await xServer.end();
});

for (const [name, open] of [
  ['shared memory', (frame) => ShmCapture.open(x, frame)],
  ['the connection itself', async (frame) => new ImageCapture(x, frame)],
] as const satisfies [string, (frame: ReturnType<typeof createSharedFrame>) => Promise<PixelCopier>][]) {
  test(`pixels copied through ${name} are those that X shows`, async () => {
    const frame = createSharedFrame(SIZE);
    const source = await open(frame);
    await source.read(RECTS, SIZE);
    const read = Buffer.from(
      new Uint8Array(frame.memory.buffer, frame.incomingAt, SIZE.width * SIZE.height * 4),
    );
    const real = await xwd({ ...process.env, DISPLAY: xServer.display });
    assert.ok(withoutX(read).equals(withoutX(real.pixels)));
    source.close();
  });

  test(`a copy through ${name} of pixels outside the display is refused, and the connection goes on`, async () => {
    const frame = createSharedFrame({ width: 400, height: 300 });
    const source = await open(frame);
    const outside = { x: 200, y: 150, width: 200, height: 150 };
    await assert.rejects(source.read([outside], { width: 400, height: 300 }), { code: 'DESKTOP_X_ERROR' });
    await x.sync();
    source.close();
  });
}
