import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import jpegTurbo from '@julusian/jpeg-turbo';
import { pictureInX } from '../page/open-page.ts';
import { difference, type PictureBytes } from '../support/compare-pictures.ts';
import { type RunningDeskwire, startDeskwire } from '../support/start-deskwire.ts';
import { PHOTO_AT_X, paintTestCard } from '../support/test-card.ts';
import { visibleWindow } from '../support/visible-window.ts';
import { waitFor } from '../support/wait-for.ts';
import { rfbPortOf } from './native-viewer.ts';

// Programs that script VNC. They know VNC passwords alone, and are older than most servers.

const PASSWORD = 'vnc-word';
/** The same as vncpasswd hides it in its file. */
const HIDDEN_PASSWORD = '82aea4b509ed1ee2';
const LINE = 'Hello, Net::VNC!\n';
/** Largest error of a flat colour in a JPEG of quality 100, and that of the photo on average. */
const WORST_JPEG_100 = 4;
const MEAN_JPEG_100 = 2;
/** Largest error of a channel of 5 bits: half a step, and that Net::VNC leaves the lower bits 0. */
const WORST_OF_16_BITS = 12;

let folder: string;
let server: RunningDeskwire;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deskwire-scripted-'));
  const passwordFile = join(folder, 'passwd');
  writeFileSync(passwordFile, Buffer.from(HIDDEN_PASSWORD, 'hex'), { mode: 0o600 });
  const run = `exec xterm -fa 'DejaVu Sans Mono' -fs 10 -geometry 40x4+400+0 -e 'cat > ${folder}/typed'`;
  const vnc = ['--vnc-password-file', passwordFile, '--vnc-user', 'ada'];
  server = await startDeskwire({ flags: ['--size', '800x600', '--rfb-port', '0', ...vnc, '--run', run] });
  await visibleWindow(server.xEnvironment(), 'xterm');
  await paintTestCard(server.xEnvironment(), await pictureInX(server));
});

after(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs vncsnapshot, which sees port 5900 + N as display N. */
async function snapshot(...encodings: string[]): Promise<PictureBytes> {
  const path = join(folder, 'desk.jpg');
  const flags = [
    '-quiet',
    '-nocursor',
    '-nojpeg',
    '-encodings',
    encodings.join(' '),
    '-passwd',
    join(folder, 'passwd'),
  ];
  await promisify(execFile)('vncsnapshot', [...flags, `127.0.0.1:${rfbPortOf(server) - 5900}`, path]);
  const bytes = Buffer.alloc(800 * 600 * 4);
  const { width, height } = jpegTurbo.decompressSync(readFileSync(path), bytes, {
    format: jpegTurbo.FORMAT_RGBX,
  });
  return { bytes, width, height, order: 'rgbx' };
}

for (const encodings of [['hextile'], ['zlib'], ['tight'], ['raw']]) {
  test(`vncsnapshot takes the right picture by ${encodings}`, async () => {
    const taken = await snapshot(...encodings);
    const real = await pictureInX(server);
    assert.ok(difference(taken, real, 0, PHOTO_AT_X).worst <= WORST_JPEG_100);
    assert.ok(difference(taken, real, PHOTO_AT_X).mean <= MEAN_JPEG_100);
  });
}

/** Runs Net::VNC, and returns the colours of pixels as it sees them. */
async function netVnc(
  depth: number,
  text: string,
  points: readonly (readonly number[])[],
): Promise<number[][]> {
  const script = join(import.meta.dirname, 'net-vnc.pl');
  const args = [script, String(rfbPortOf(server)), PASSWORD, String(depth), text, ...points.map(String)];
  const { stdout } = await promisify(execFile)('perl', args);
  const [size, ...colours] = stdout
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(Number));
  assert.deepEqual(size, [800, 600]);
  return colours;
}

test('Perl’s Net::VNC types, clicks and sees the right pixels, in 24 and 16 bits', async () => {
  const points = Array.from({ length: 200 }, (_, i) => [(i * 37) % 800, 200 + ((i * 53) % 400)] as const);
  const real = await pictureInX(server);
  for (const [depth, worst] of [
    [24, 0],
    [16, WORST_OF_16_BITS],
  ] as const) {
    const seen = await netVnc(depth, depth === 24 ? LINE : '', points);
    for (const [i, [x, y]] of points.entries()) {
      const at = (y * real.width + x) * 4;
      const [blue, green, red] = real.bytes.subarray(at, at + 3);
      const [seenRed, seenGreen, seenBlue] = seen[i]!;
      const error = Math.max(
        Math.abs(seenRed! - red!),
        Math.abs(seenGreen! - green!),
        Math.abs(seenBlue! - blue!),
      );
      assert.ok(error <= worst, `at ${x},${y} in ${depth} bits: ${seen[i]} instead of ${[red, green, blue]}`);
    }
  }
  const typed = await waitFor('the line', () => {
    const text = readFileSync(join(folder, 'typed'), 'utf8');
    return text.endsWith('\n') && text;
  });
  assert.equal(typed, LINE);
});

test('Net::VNC with a wrong password is refused', async () => {
  const script = join(import.meta.dirname, 'net-vnc.pl');
  await assert.rejects(promisify(execFile)('perl', [script, String(rfbPortOf(server)), 'wrong', '24', '']));
});

test('Net::VNC with a colour map is cut off, and the log says what was asked for and what is expected', async () => {
  await assert.rejects(netVnc(8, '', []), /unexpected end of data/);
  const line = await waitFor('the line', () =>
    server
      .output()
      .stderr.split('\n')
      .find((one) => one.includes('RFB_COLOUR_MAP')),
  );
  assert.match(line, /"level":40/);
  assert.match(line, /"user":"ada".*Asked for: 8 bits.*Expected: 8, 16 or 32 bits of true colour/);
});
