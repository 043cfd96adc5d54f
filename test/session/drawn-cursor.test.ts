import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Rect } from '../../src/pixels/rect.ts';
import * as wire from '../../src/protocol/constants.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { STANDARD_ENCODINGS, Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { readScreen, type ScreenPicture } from '../support/xwd.ts';

/** Most pixels that a cursor of X reaches from its hot spot. */
const REACH_PX = 64;
/** Least number of pixels of the cursor that X shows over its root window. */
const LEAST_PX = 20;
const PSEUDO_QUALITY_5 = wire.PSEUDO_QUALITY_FIRST + 5;

let server: RunningDeskwire;
let viewer: Viewer;
before(async () => {
  server = await startDeskwire({ flags: ['--size', '640x400', '--run', 'true'] });
  const encodings = STANDARD_ENCODINGS.filter(
    (encoding) => encoding !== wire.PSEUDO_CURSOR && encoding !== PSEUDO_QUALITY_5,
  );
  const { url, ca, owner } = server;
  viewer = await Viewer.connectWebSocket({ url, ca, user: owner }, { encodings });
});
after(async () => {
  viewer?.destroy();
  await server?.stop();
});

/** Pixels in which the viewer differs from the framebuffer of the X server, which contains no cursor. */
function differing(screen: ScreenPicture): { count: number; inside: (rect: Rect) => boolean } {
  const { pixels } = viewer.framebuffer;
  const at: { x: number; y: number }[] = [];
  for (let i = 0; i < screen.pixels.length; i += 4) {
    if ([0, 1, 2].every((channel) => pixels[i + channel] === screen.pixels[i + channel])) continue;
    at.push({ x: (i / 4) % screen.width, y: Math.floor(i / 4 / screen.width) });
  }
  return {
    count: at.length,
    inside: (rect) =>
      at.every(
        ({ x, y }) => x >= rect.x && y >= rect.y && x < rect.x + rect.width && y < rect.y + rect.height,
      ),
  };
}

test('a viewer without a cursor encoding is shown the cursor of X at its position and nowhere else', async () => {
  for (const [x, y] of [
    [100, 100],
    [500, 300],
    [520, 290],
    [0, 0],
  ] as const) {
    viewer.sendPointer(x, y);
    const around = { x: x - REACH_PX, y: y - REACH_PX, width: 2 * REACH_PX, height: 2 * REACH_PX };
    await waitFor(`the pointer at ${x},${y}`, async () => {
      const { count, inside } = differing(await readScreen(server.display, server.xEnvironment()));
      return count > LEAST_PX && inside(around);
    });
  }
  assert.equal(viewer.closedReason, undefined);
});
