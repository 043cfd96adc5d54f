import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { memoryAloneBytes, openGlBytes, readUsage } from '../bench/process-usage.ts';
import { HttpsClient } from './support/https-client.ts';
import { withSlack } from './support/limits.ts';
import { MovingPicture } from './support/moving-picture.ts';
import { type RunningDeskwire, startDeskwire } from './support/start-deskwire.ts';
import { Viewer } from './support/viewer.ts';
import { waitFor } from './support/wait-for.ts';

// Promises about the memory of all processes of a server together, its X server included: docs/memory.md. Memory does
// not depend on the load of the machine, so the limits have no slack for that; the time until it is given back does.

/** Limits of the proportional set size, in MiB. */
const IDLE_MIB = 140;
const WATCHED_MIB = 200;
const LEFT_MIB = 160;
/**
 * Factor for the memory as it would be if no other program ran Node.js. The tests' own processes share the binary with
 * the server, which hides 50 MiB of it from the proportional set size.
 */
const ALONE = 1.2;

/**
 * Unchanged pages of OpenGL's libraries in the X server, in MiB. They are left out of all other limits: the system drops
 * them when memory is short, and all desktops and OpenGL programs of a machine share them.
 */
const OPENGL_MIB = 60;

/** Milliseconds after which memory must have been given back, and the time that a busy machine has for that. */
const SETTLE_MS = 10_000;
const SETTLE_LIMIT_MS = withSlack(SETTLE_MS);
const FILM_MS = 8_000;
/** Time in which the memory with a viewer must once be below its limit, in milliseconds. Garbage comes and goes. */
const WATCHED_LIMIT_MS = 1_000;
const SCREENSHOTS = 100;
const FORMATS = ['png', 'jpeg', 'webp'];

let server: RunningDeskwire;
before(async () => {
  server = await startDeskwire({ flags: ['--size', '1920x1080', '--run', 'true'] });
});
after(() => server.stop());

/** Asserts a limit of the memory. A server that has not yet come to it is given `limitMs`. */
async function assertMemory(mostMib: number, limitMs: number): Promise<void> {
  let measured = '';
  const isLittle = (): boolean => {
    const openGl = openGlBytes(server.pid);
    const mib = (readUsage(server.pid).memoryBytes - openGl.shareBytes) / 2 ** 20;
    const aloneMib = (memoryAloneBytes(server.pid) - openGl.aloneBytes) / 2 ** 20;
    measured = `${mib.toFixed(1)} MiB, ${aloneMib.toFixed(1)} if no other program ran Node.js`;
    return mib <= mostMib && aloneMib <= mostMib * ALONE;
  };
  await waitFor('the memory', isLittle, limitMs).catch(() =>
    assert.fail(`${measured}; the limit is ${mostMib}`),
  );
}

test('a server of 1920x1080 takes at most 140 MiB without a viewer', async () => {
  await sleep(SETTLE_MS);
  await assertMemory(IDLE_MIB, SETTLE_LIMIT_MS);
  const openGlMib = openGlBytes(server.pid).aloneBytes / 2 ** 20;
  assert.ok(openGlMib > 1 && openGlMib < OPENGL_MIB, `${openGlMib.toFixed(1)} MiB of OpenGL's libraries`);
});

test('a server of 1920x1080 takes at most 200 MiB with a viewer of a film, and 160 ten seconds later', async () => {
  const viewer = await Viewer.connectWebSocket({ url: server.url, ca: server.ca, user: server.owner });
  const film = await MovingPicture.start(server, 30, 'video');
  try {
    await sleep(FILM_MS);
    await viewer.waitForUpdate((_framebuffer, update) => update !== undefined);
    await assertMemory(WATCHED_MIB, WATCHED_LIMIT_MS);
  } finally {
    await viewer.close();
    await film.close();
  }
  await sleep(SETTLE_MS);
  await assertMemory(LEFT_MIB, SETTLE_LIMIT_MS);
});

test('a server of 1920x1080 takes at most 160 MiB ten seconds after 100 screenshots of all formats', async () => {
  const client = new HttpsClient(server.url, server.ca, server.owner);
  for (let i = 0; i < SCREENSHOTS; i++) {
    // Each picture has another size, so that none is answered from memory.
    const query = `format=${FORMATS[i % FORMATS.length]}&width=${server.size.width - i}`;
    assert.equal((await client.get(`/api/get_screenshot?${query}`)).status, 200);
  }
  client.close();
  await sleep(SETTLE_MS);
  await assertMemory(LEFT_MIB, SETTLE_LIMIT_MS);
});
