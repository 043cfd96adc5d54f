import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Size } from '../../src/pixels/rect.ts';
import { memoryByKind } from '../support/memory-map.ts';
import { bareDesktop, captureAll, shown, until, withoutX, x, xwd } from './support.ts';

const LARGE: Size = { width: 1600, height: 1200 };
const SMALL: Size = { width: 640, height: 480 };

/** Memory beside the pixels: the file's header, parts of pages at the ends of rows, other shared memory. */
const SPARE_BYTES = 3 << 20;

const bytesOf = ({ width, height }: Size): number => width * height * 4;

test('memory follows the size of the desktop, down and up again, and no pixel is lost', async () => {
  const { desktop, env } = await bareDesktop(SMALL);
  try {
    const framebuffer = join(dirname(env.XAUTHORITY!), 'Xvfb_screen0');
    const fileBytes = (): number => statSync(framebuffer).blocks * 512;
    const frameBytes = (): number => memoryByKind(process.pid).get('WebAssembly')!.rss * 1024;
    // A window larger than the desktop: what it shows beyond the edges is drawn again when the desktop grows.
    const terminal = x(env, 'xterm', '-geometry', '400x150+0+0', '-e', 'seq -s " " 60000; sleep 1000');
    terminal.catch(() => undefined);
    const bases: number[] = [];
    for (const size of [SMALL, LARGE, SMALL, LARGE, SMALL]) {
      assert.deepEqual(await desktop.resize(size), size);
      // The terminal may still be drawing.
      await until(async () => {
        const { pixels } = await xwd(env);
        await captureAll(desktop);
        return shown(desktop).equals(withoutX(pixels));
      }, `the picture of ${size.width}x${size.height} that X shows`);
      assert.deepEqual(desktop.size, size);
      if (size === LARGE) continue;
      bases.push(frameBytes());
      await until(
        () => fileBytes() < bytesOf(SMALL) + SPARE_BYTES,
        `the framebuffer takes ${bytesOf(SMALL)} bytes and few more`,
      );
    }
    for (const bytes of bases) assert.ok(bytes < bases[0]! + SPARE_BYTES, `${bases} bytes of the frame`);
  } finally {
    await desktop.close();
  }
});
