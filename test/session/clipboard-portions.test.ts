import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { PSEUDO_PORTIONS, PSEUDO_STREAMING_JPEG_WEBP } from '../../src/protocol/constants.ts';
import { FilmWatch } from '../support/film-watch.ts';
import { describeSeen } from '../support/latency-watch.ts';
import { passesOnce, withSlack } from '../support/limits.ts';
import { Slowness } from '../support/slowness.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { ThrottledProxy } from '../support/throttled-proxy.ts';
import { STANDARD_ENCODINGS } from '../support/viewer.ts';
import { Xclip } from '../support/xclip.ts';

// A viewer that takes long messages in portions watches a film of the desktop while a program copies a large picture,
// which the viewer is sent over the same connection.

/** Time by which frames may be later than without the clipboard, in milliseconds. */
const FRAME_MS = 50;

const ENCODINGS = [...STANDARD_ENCODINGS, PSEUDO_STREAMING_JPEG_WEBP, PSEUDO_PORTIONS];
/** A new picture of so many megabytes. Content that is there already is not sent again. */
const png = (megabytes: number): Buffer =>
  Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), randomBytes(megabytes * 1_000_000)]);

/** 8 Mbit/s. A queue of up to one second builds if the picture is sent without a pause. */
const SLOW_LINK = { down: { bytesPerSecond: 1_000_000 } };

let server: RunningDeskwire;
let xclip: Xclip;

before(async () => {
  server = await startDeskwire({ flags: ['--size', '640x480', '--run', 'exec sleep 1000'] });
  xclip = new Xclip(server.xEnvironment());
});
after(async () => {
  await server?.stop();
  xclip?.[Symbol.dispose]();
});

for (const [megabytes, where, link, linkMs] of [
  [4, 'over a fast link', {}, Number.POSITIVE_INFINITY],
  [2, 'over 8 Mbit/s', SLOW_LINK, 2000],
] as const) {
  test(`a viewer that takes portions is sent a PNG of ${megabytes} MB ${where} byte for byte, and none of its frames comes ${FRAME_MS} ms later, times the slack for loaded machines`, async (t) => {
    const proxy = await ThrottledProxy.open(server.port, link);
    const target = { url: `https://127.0.0.1:${proxy.port}/`, ca: server.ca, user: server.owner };
    let film: FilmWatch | undefined;
    try {
      film = await FilmWatch.start(server, target, ENCODINGS);
      await passesOnce(async () => {
        const { laterMs, slowness, what } = await seen(t, film!, png(megabytes));
        // In one piece, the picture would hold frames up for all of its time on the link, however busy the machine is.
        const mostMs = Math.min(withSlack(FRAME_MS) * slowness, linkMs / 2);
        return laterMs <= mostMs ? undefined : what;
      });
    } finally {
      await film?.close();
      await proxy.close();
    }
  });
}

/** How much later frames came while the viewer was sent the picture, and how slow the machine was. */
async function seen(
  t: { diagnostic(line: string): void },
  film: FilmWatch,
  data: Buffer,
): Promise<{ laterMs: number; slowness: number; what: string }> {
  const slowness = new Slowness(server.pid);
  let tookMs = 0;
  const { before: quiet, meanwhile } = await film.during(async () => {
    const sinceMs = performance.now();
    const received = film.received(data);
    const program = xclip.copy(data, 'image/png');
    try {
      await received;
    } finally {
      program.kill();
    }
    tookMs = performance.now() - sinceMs;
  });
  const what = describeSeen(meanwhile);
  t.diagnostic(`${Math.round(tookMs)} ms; frames before: ${describeSeen(quiet)}`);
  t.diagnostic(`frames meanwhile: ${what}`);
  assert.ok(meanwhile.fps > 0, 'frames came meanwhile');
  const laterMs = Math.max(meanwhile.mostMs - quiet.mostMs, meanwhile.longestGapMs - quiet.longestGapMs);
  return { laterMs, slowness: slowness.factor, what };
}
