import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Size } from '../../src/pixels/rect.ts';
import { PSEUDO_QUALITY_FIRST } from '../../src/protocol/constants.ts';
import { startForeignXServer } from '../support/foreign-x-server.ts';
import { HttpsClient } from '../support/https-client.ts';
import { processTree } from '../support/process-tree.ts';
import { exactDifference } from '../support/same-picture.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { STANDARD_ENCODINGS, Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import { XPainter } from '../support/x-painter.ts';
import { readScreen } from '../support/xwd.ts';

const SIZE: Size = { width: 800, height: 600 };
const OTHER_SIZE: Size = { width: 640, height: 360 };
const LOSSLESS = STANDARD_ENCODINGS.filter(
  (encoding) => encoding < PSEUDO_QUALITY_FIRST || encoding >= PSEUDO_QUALITY_FIRST + 10,
);
const KEY_A = 0x61;
const LIMIT_MS = 20_000;

let display: string;
let xServer: ChildProcess;
let environment: NodeJS.ProcessEnv;
let server: RunningDeskwire;
let api: HttpsClient;
let viewer: Viewer;

before(async () => {
  ({ display, child: xServer } = await startForeignXServer(SIZE));
  environment = { ...process.env, DISPLAY: display, XAUTHORITY: '' };
  server = await startDeskwire({ flags: ['--display', display] });
  api = new HttpsClient(server.url, server.ca, server.owner);
  viewer = await Viewer.connectWebSocket(
    { url: server.url, ca: server.ca, user: server.owner },
    { encodings: LOSSLESS },
  );
});
after(async () => {
  api?.close();
  viewer?.destroy();
  await server?.stop();
  xServer?.kill('SIGKILL');
});

/** Number of files in shared memory that the server has open. */
function sharedFiles(): number {
  const fds = `/proc/${server.pid}/fd`;
  const isShared = (fd: string): boolean => {
    try {
      return readlinkSync(`${fds}/${fd}`).startsWith('/dev/shm/');
    } catch {
      // The server has just closed it.
      return false;
    }
  };
  return readdirSync(fds).filter(isShared).length;
}

/** Draws, and waits until the viewer shows exactly the screen. */
async function assertPainted(colour: number): Promise<void> {
  const painter = await XPainter.open(environment);
  for (let i = 0; i < 30; i++) {
    painter.fill(colour ^ (i * 0x1357), { x: i * 17, y: i * 9, width: 200, height: 120 });
    painter.text(0xffffff - colour, 20 + i, 30 + i * 10, `number ${i}`);
    if (i % 5 === 0) await painter.settled();
  }
  await painter.settled();
  const screen = await readScreen(display, environment);
  const differs = (): string | undefined => exactDifference(viewer.framebuffer, screen);
  await waitFor('the picture', () => differs() === undefined, LIMIT_MS).catch(() => {
    assert.equal(differs(), undefined);
  });
  await painter.close();
}

test('a viewer sees the picture of an attached display in its size, and the server starts no program', async () => {
  assert.equal(server.display, display);
  assert.deepEqual(server.size, SIZE);
  assert.deepEqual(viewer.size, SIZE);
  await assertPainted(0x336699);
  assert.deepEqual(processTree(server.pid), [server.pid]);
});

test('keys and the pointer reach the programs of an attached display', async () => {
  const listener = spawn('xev', ['-root', '-event', 'keyboard'], { env: environment });
  let heard = '';
  listener.stdout.setEncoding('utf8').on('data', (text: string) => {
    heard += text;
  });
  try {
    viewer.sendPointer(123, 234);
    await waitFor('a key', () => {
      viewer.typeKeys(KEY_A);
      return /KeyPress[\s\S]*keysym 0x61, a/.test(heard);
    });
    assert.match(heard, /root:\(123,234\)/);
  } finally {
    listener.kill();
  }
});

test('an attached display that ends is lost, and is shown again when it is back with another size', async () => {
  for (const size of [OTHER_SIZE, SIZE]) {
    xServer.kill('SIGKILL');
    await waitFor('the loss', async () => {
      const answer = await api.get('/api/get_screenshot?width=64');
      if (answer.status === 200) return false;
      assert.equal(answer.status, 503);
      assert.equal(answer.json().code, 'DESKTOP_LOST');
      return true;
    });
    // All calls that need the display say so at once.
    const stats = await api.get('/api/get_frame_stats?client=none');
    assert.deepEqual([stats.status, stats.json().code], [503, 'DESKTOP_LOST']);
    assert.equal((await api.get('/api/clear_clipboard')).status, 503);
    assert.equal((await api.get('/api/send_full_frame')).status, 200);
    assert.equal((await api.get('/api/get_screenshot?cursor=true')).status, 503);
    viewer.typeKeys(KEY_A);
    viewer.sendPointer(1, 1);

    ({ child: xServer } = await startForeignXServer(size, display));
    await waitFor('its size', () => viewer.size.width === size.width, LIMIT_MS);
    assert.deepEqual(viewer.size, size);
    await assertPainted(0x884422);
    const answer = await api.get('/api/get_screenshot?format=png');
    assert.deepEqual([answer.status, answer.headers['content-type']], [200, 'image/png']);
    assert.equal(viewer.closedReason, undefined);
    await waitFor('only the present connection to the display to keep a file', () => sharedFiles() === 1);
  }
});

test('an attached display goes on when the server ends', async () => {
  viewer.sendKey(KEY_A, true);
  await waitFor('the key to be down', async () => (await api.get('/api/get_sessions')).status === 200);
  assert.equal(await server.stop(), 0);
  assert.equal(xServer.exitCode, null);
  assert.equal(xServer.signalCode, null);
  const painter = await XPainter.open(environment);
  await painter.close();
});
