import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { deflateSync, inflateSync } from 'node:zlib';
import { monotonicMs } from '../../bench/clock.ts';
import { forkChild } from '../../bench/ipc.ts';
import * as wire from '../../src/protocol/constants.ts';
import { clipboardTextFromInflated, clipboardTextToDeflate } from '../../src/protocol/extended-clipboard.ts';
import { describeSeen } from '../support/latency-watch.ts';
import { passesOnce, withSlack } from '../support/limits.ts';
import { MovingPicture } from '../support/moving-picture.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { STANDARD_ENCODINGS, Viewer } from '../support/viewer.ts';
import { waitFor } from '../support/wait-for.ts';
import type { WatcherCalls } from '../support/watcher-process.ts';

// A large clipboard passes between one viewer and the desktop, while another viewer watches a film of the desktop.

const FPS = 30;
/** Time by which frames may be later than without the clipboard, in milliseconds. */
const FRAME_MS = 50;
/**
 * Longest step of the server's main thread, in milliseconds of its processor time: no frame is sent meanwhile. Other
 * programs lengthen it by their use of caches and memory, to 120 ms on a machine with five programs for each core. A
 * text of 10 MB that is compressed in one step takes 500 ms.
 */
const MOST_STEP_MS = 4 * FRAME_MS;
/** Longest wait for one message, in milliseconds. A busy machine takes 20 s for 10 MB. */
const MESSAGE_MS = 60_000;

const TEN_MB = Buffer.from(randomBytes(5_000_000).toString('hex'));
const PNG = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), randomBytes(4_000_000)]);

let folder: string;
let server: RunningDeskwire;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'deskwire-clipboard-'));
  const probe = new URL('../fuzz/step-probe.ts', import.meta.url).href;
  server = await startDeskwire({
    flags: ['--size', '640x480', '--run', 'exec sleep 1000'],
    environment: { NODE_OPTIONS: `--import=${probe}`, STEP_FILE: join(folder, 'steps') },
  });
});
after(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const target = () => ({ url: server.url, ca: server.ca, user: server.owner });

/** Steps of the server's main thread of 20 ms or more so far, in milliseconds of processor time. */
function steps(): number[] {
  try {
    return readFileSync(join(folder, 'steps'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function toolOutput(...args: string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('xclip', ['-selection', 'clipboard', ...args], { env: server.xEnvironment() });
    const pieces: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(Buffer.concat(pieces)) : reject(new Error(`${code}`)),
    );
  });
}

const isPasted = async (data: Buffer, type: string): Promise<boolean> =>
  (await toolOutput('-o', '-target', type).catch(() => undefined))?.equals(data) ?? false;

/** Has a program copy this. It stays until it is ended. */
function copy(data: Buffer, type: string) {
  const file = join(folder, 'copied');
  writeFileSync(file, data);
  const args = ['-quiet', '-selection', 'clipboard', '-in', '-target', type, file];
  return spawn('xclip', args, { env: server.xEnvironment(), stdio: 'ignore' });
}

/** How viewers of one kind send a content and are sent one. */
interface Way {
  readonly encodings: readonly number[];
  send(viewer: Viewer, data: Buffer): void;
  /** Resolves once the viewer has these bytes. It began before a program copied them. */
  received(viewer: Viewer, data: Buffer): Promise<void>;
}

const isSame = (got: Uint8Array | undefined, data: Buffer): boolean =>
  got !== undefined && Buffer.compare(got, data) === 0;

const kasm = (mime: string): Way => ({
  encodings: [...STANDARD_ENCODINGS, wire.PSEUDO_STREAMING_JPEG_WEBP],
  send: (viewer, data) => viewer.send({ type: 'binaryClipboard', items: [{ mime, data }] }),
  received: async (viewer, data) => {
    for (;;) {
      const { items } = await viewer.waitForMessage('binaryClipboard', MESSAGE_MS);
      if (isSame(items.find((item) => item.mime === mime)?.data, data)) return;
    }
  },
});

const REQUEST = wire.CLIPBOARD_REQUEST | wire.CLIPBOARD_TEXT;
const PROVIDE = wire.CLIPBOARD_PROVIDE | wire.CLIPBOARD_TEXT;

const extended: Way = {
  encodings: [...STANDARD_ENCODINGS, wire.PSEUDO_EXTENDED_CLIPBOARD],
  send: (viewer, data) => {
    const deflated = deflateSync(clipboardTextToDeflate(data.toString()), { level: 1 });
    viewer.send({ type: 'extendedClipboard', flags: PROVIDE, data: deflated });
  },
  received: async (viewer, data) => {
    for (;;) {
      const { flags, data: deflated } = await viewer.waitForMessage('extendedClipboard', MESSAGE_MS);
      if (flags & wire.CLIPBOARD_NOTIFY)
        viewer.send({ type: 'extendedClipboard', flags: REQUEST, data: new Uint8Array(0) });
      else if (
        flags === PROVIDE &&
        clipboardTextFromInflated(flags, inflateSync(deflated)) === data.toString()
      )
        return;
    }
  },
};

const cutText: Way = {
  encodings: STANDARD_ENCODINGS,
  send: (viewer, data) => viewer.send({ type: 'clientCutText', text: data.toString() }),
  received: async (viewer, data) => {
    const text = data.toString();
    while ((await viewer.waitForMessage('cutText', MESSAGE_MS)).text !== text);
  },
};

/**
 * Shows a film of the desktop to another viewer, in a process of its own. Returns what was wrong with its frames or with
 * the server's steps while `pass` ran. What other programs of the machine delay frames by is measured before, and
 * allowed for.
 */
async function whileWatched(t: TestContext, pass: () => Promise<string>): Promise<string | undefined> {
  const watcher = forkChild<WatcherCalls>(new URL('../support/watcher-process.ts', import.meta.url));
  const picture = await MovingPicture.start(server, FPS);
  const updates = async (count: number): Promise<void> => {
    const until = (await watcher.calls.updates()) + count;
    await waitFor('frames', async () => (await watcher.calls.updates()) > until);
  };
  try {
    await watcher.calls.connect(target(), 'moving');
    await updates(FPS / 2);
    const quietMs = monotonicMs();
    await updates(1.5 * FPS);
    const fromMs = monotonicMs();
    const stepsBefore = steps().length;
    const took = await pass();
    const toMs = monotonicMs();
    await updates(1);
    const painted = await picture.stop();
    const before = await watcher.calls.between(quietMs, fromMs, painted);
    const seen = await watcher.calls.between(fromMs, toMs, painted);
    const longestStepMs = Math.max(0, ...steps().slice(stepsBefore));
    t.diagnostic(`${took}; longest step of the server ${longestStepMs} ms`);
    t.diagnostic(`frames before: ${describeSeen(before)}`);
    t.diagnostic(`frames meanwhile: ${describeSeen(seen)}`);
    if (longestStepMs > MOST_STEP_MS) return `a step of ${longestStepMs} ms`;
    // The latest of all frames may be due to another program of the machine.
    return seen.p95Ms <= before.p95Ms + withSlack(FRAME_MS) ? undefined : `frames: ${describeSeen(seen)}`;
  } finally {
    await picture.close();
    await watcher.close();
  }
}

for (const [what, way, data, type] of [
  ['10 MB of text as KasmVNC’s page sends it', kasm('text/plain'), TEN_MB, 'UTF8_STRING'],
  ['a PNG of 4 MB as KasmVNC’s page sends it', kasm('image/png'), PNG, 'image/png'],
  ['10 MB of text by the extended clipboard', extended, TEN_MB, 'UTF8_STRING'],
  ['10 MB of text as cut text', cutText, TEN_MB, 'UTF8_STRING'],
] as const) {
  test(`${what} pass both ways byte for byte, and delay no frame of another viewer`, async (t) => {
    const viewer = await Viewer.connectWebSocket(target(), { encodings: way.encodings, updates: 'none' });
    // Such viewers are offered a clipboard with their first request.
    viewer.requestUpdate(true);
    try {
      await passesOnce(async (round) => {
        // Content that is there already is not set again.
        const changed = Buffer.from(data);
        changed[100] = 65 + round;
        return whileWatched(t, async () => {
          const startMs = performance.now();
          way.send(viewer, changed);
          await waitFor('the content in the desktop', () => isPasted(changed, type));
          const inMs = performance.now();
          changed[100] = 75 + round;
          const received = way.received(viewer, changed);
          const program = copy(changed, type);
          try {
            await received;
          } finally {
            program.kill();
          }
          const outMs = performance.now();
          assert.equal(viewer.closedReason, undefined);
          return `${Math.round(inMs - startMs)} ms into a program, ${Math.round(outMs - inMs)} ms from a program`;
        });
      });
    } finally {
      await viewer.close();
    }
  });
}
