// How late frames are while a large clipboard passes: of another user's viewer, which is sent no clipboard, and of a
// viewer that is sent each one, whole or in portions. And the longest step of the server's main thread, in ms of its
// processor time.
// Run: node bench/micro/clipboard.ts [rounds]

import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PSEUDO_PORTIONS, PSEUDO_STREAMING_JPEG_WEBP } from '../../src/protocol/constants.ts';
import {
  type ClipboardWay,
  cutText,
  extendedText,
  kasmItem,
  longText,
} from '../../test/support/clipboard-ways.ts';
import { FilmWatch } from '../../test/support/film-watch.ts';
import { HttpsClient } from '../../test/support/https-client.ts';
import { startDeskwire } from '../../test/support/start-deskwire.ts';
import { STANDARD_ENCODINGS, Viewer } from '../../test/support/viewer.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { Xclip } from '../../test/support/xclip.ts';
import { printTable } from './support/table.ts';

const ROUNDS = Number(process.argv[2] ?? 3);
const HEX = Buffer.from(randomBytes(5_000_000).toString('hex'));
const MANY_SCRIPTS = longText('aeinrstäéßжщдלשع漢字仮名한글😀🏳');
const PNG = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), randomBytes(4_000_000)]);
/** Those of a viewer that is sent contents by KasmVNC's message, in portions. */
const PORTIONS = [...STANDARD_ENCODINGS, PSEUDO_STREAMING_JPEG_WEBP, PSEUDO_PORTIONS];
const WATCHER = { name: 'wanda', password: 'wanda watches' };

const WAYS: readonly (readonly [string, ClipboardWay, Buffer, string])[] = [
  ['text, KasmVNC', kasmItem('text/plain'), HEX, 'UTF8_STRING'],
  ['many scripts, KasmVNC', kasmItem('text/plain'), MANY_SCRIPTS, 'UTF8_STRING'],
  ['PNG, KasmVNC', kasmItem('image/png'), PNG, 'image/png'],
  ['text, extended', extendedText, HEX, 'UTF8_STRING'],
  ['many scripts, extended', extendedText, MANY_SCRIPTS, 'UTF8_STRING'],
  ['text, cut text', cutText, HEX, 'UTF8_STRING'],
];

const folder = mkdtempSync(join(tmpdir(), 'deskwire-clipboard-'));
const probe = new URL('../../test/fuzz/step-probe.ts', import.meta.url).href;
const server = await startDeskwire({
  flags: ['--size', '640x480', '--run', 'exec sleep 1000'],
  environment: { NODE_OPTIONS: `--import=${probe}`, STEP_FILE: join(folder, 'steps') },
});
const owner = { url: server.url, ca: server.ca, user: server.owner };
const xclip = new Xclip(server.xEnvironment());
const client = new HttpsClient(server.url, server.ca, server.owner);
await client.get(`/api/create_user?${new URLSearchParams({ ...WATCHER, read: 'true' })}`);
client.close();

const steps = (): number[] => {
  try {
    return readFileSync(join(folder, 'steps'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
};

let changes = 0;

/** Passes a content in one direction, and returns how long that took, in ms. */
async function pass(direction: string, way: ClipboardWay, data: Buffer, type: string): Promise<number> {
  const viewer = await Viewer.connectWebSocket(owner, { encodings: way.encodings, updates: 'none' });
  viewer.requestUpdate(true);
  await viewer.roundTrip();
  const changed = Buffer.from(data);
  changed.write(String(++changes).padStart(8, '0'), 100, 'latin1');
  const sinceMs = performance.now();
  if (direction === 'in') {
    way.send(viewer, changed);
    await waitFor('the content', () => xclip.has(changed, type));
  } else {
    const received = way.received(viewer, changed);
    const program = xclip.copy(changed, type);
    await received;
    program.kill();
  }
  const tookMs = performance.now() - sinceMs;
  await viewer.close();
  return tookMs;
}

try {
  for (const [who, user, encodings] of [
    ['of another user', WATCHER, STANDARD_ENCODINGS],
    ['that is sent each clipboard too', server.owner, STANDARD_ENCODINGS],
    ['that is sent each clipboard in portions', server.owner, PORTIONS],
  ] as const) {
    const film = await FilmWatch.start(server, { ...owner, user }, encodings);
    const rows: string[][] = [];
    for (const [what, way, data, type] of WAYS) {
      for (const direction of ['in', 'out']) {
        for (let round = 0; round < ROUNDS; round++) {
          const stepsBefore = steps().length;
          let tookMs = 0;
          const { before, meanwhile } = await film.during(async () => {
            tookMs = await pass(direction, way, data, type);
          });
          const longestStepMs = Math.max(0, ...steps().slice(stepsBefore));
          const times = [
            tookMs,
            longestStepMs,
            before.mostMs,
            meanwhile.p50Ms,
            meanwhile.mostMs,
            meanwhile.longestGapMs,
          ];
          rows.push([`${what}, ${direction}`, ...times.map((ms) => ms.toFixed(0))]);
        }
      }
    }
    printTable(
      `Frames of a viewer ${who}, in ms`,
      ['what passes', 'took', 'longest step', 'latest before', 'p50', 'latest', 'longest gap'],
      rows,
    );
    await film.close();
  }
} finally {
  await server.stop();
  xclip[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
}
