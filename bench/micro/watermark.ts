// A screen with and without overlays: CPU ms of one thread, and KB. The last row is the next second of a watermark that
// shows the time.
// Run: node bench/micro/watermark.ts

import { encodeRect } from '../../src/encode/make/encode-rect.ts';
import { markChanges } from '../../src/encode/overlay/mark-changes.ts';
import type { Mark, Overlay } from '../../src/encode/overlay/overlay.ts';
import { touches } from '../../src/encode/overlay/overlay.ts';
import { textStamp } from '../../src/encode/overlay/text-stamp.ts';
import { cutIntoStrips, type Method } from '../../src/encode/plan/plan-rects.ts';
import { DirtyTiles } from '../../src/pixels/dirty-tiles.ts';
import { areaPx, type Rect, type Size, wholeOf } from '../../src/pixels/rect.ts';
import type { SharedFrame } from '../../src/pixels/shared-frame.ts';
import { SERVER_PIXEL_FORMAT } from '../../src/protocol/pixel-format.ts';
import { createPhoto } from '../painter/photo.ts';
import { createPicture, type Picture } from '../painter/picture.ts';
import { race } from './support/race.ts';
import { jpeg, LOSSLESS, packerOf, showing } from './support/shown.ts';
import { printTable } from './support/table.ts';

const SIZE: Size = { width: 1920, height: 1080 };
const BUDGET_MS = 15_000;

function marked(text: string, spacingPx: number): Overlay {
  const stamp = textStamp(text, { sizePx: 24, angle: 30, alpha: 60 });
  const mark: Mark = { stamp, location: undefined, spacingPx, red: 255, green: 255, blue: 255 };
  return { key: `${text} ${spacingPx}`, visible: undefined, mark };
}

const TEXT = 'ada 192.0.2.7 2026-03-05 14:07:0';
const OVERLAYS: Readonly<Record<string, Overlay | undefined>> = {
  none: undefined,
  'visible region': {
    key: 'region',
    visible: {
      left: { kind: 'percent', percent: 10 },
      top: { kind: 'at', px: 40 },
      right: { kind: 'percent', percent: 10 },
      bottom: { kind: 'inset', px: 40 },
    },
    mark: undefined,
  },
  'one mark': marked(`${TEXT}1`, 0),
  'marks 80 px apart': marked(`${TEXT}1`, 80),
};

const CONTENTS: readonly (readonly [name: string, frame: SharedFrame, method: Method])[] = [
  ['photo, JPEG 86', showing(createPhoto(SIZE.width, SIZE.height)), jpeg(86, '4:2:0')],
  ['text, no loss', showing(createPage()), LOSSLESS],
];

/** Dots in cells of 9 × 20 pixels, black on white, as many as letters have. */
function createPage(): Picture {
  const page = createPicture(SIZE.width, SIZE.height);
  for (let at = 0; at < page.pixels.length; at++) {
    const [x, y] = [at % SIZE.width, Math.floor(at / SIZE.width)];
    const letter = Math.imul(Math.floor(x / 9) * 31 + Math.floor(y / 20) * 17, 0x9e3779b1) >>> 26;
    const dot = Math.imul((letter * 20 + (y % 20)) * 9 + (x % 9), 0x85ebca6b) >>> 16;
    const isInk = x % 9 < 7 && y % 20 < 14 && dot % 4 === 0;
    page.pixels[at] = isInk ? 0 : 0xffffff;
  }
  return page;
}

function encode(
  frame: SharedFrame,
  rects: readonly Rect[],
  method: Method,
  all: Overlay | undefined,
): number {
  let bytes = 0;
  for (const rect of rects) {
    const overlay = all && touches(all, rect, SIZE) ? all : undefined;
    const job = { frameSize: SIZE, rect, method, format: SERVER_PIXEL_FORMAT, zlibLevel: 1, overlay };
    bytes += encodeRect(frame, job, { packer: packerOf(frame) }).bytes.length;
  }
  return bytes;
}

for (const [name, frame, method] of CONTENTS) {
  const whole = cutIntoStrips(wholeOf(SIZE));
  const [before, after] = [OVERLAYS['marks 80 px apart'], marked(`${TEXT}2`, 80)];
  const changed = new DirtyTiles(SIZE);
  for (const rect of markChanges(before, after, SIZE)) changed.add(rect);
  const cases = [
    ...Object.entries(OVERLAYS).map(([title, overlay]) => ({ title, rects: whole, overlay })),
    { title: 'marks 80 px apart, the next second', rects: changed.rects(2048), overlay: after },
  ];
  const bytes = cases.map(({ rects, overlay }) => encode(frame, rects, method, overlay));
  const cpuMs = new Map<string, number[]>(cases.map(({ title }) => [title, []]));
  await race(
    Object.fromEntries(
      cases.map(({ title, rects, overlay }) => [
        title,
        () => {
          const start = process.cpuUsage();
          encode(frame, rects, method, overlay);
          const { user, system } = process.cpuUsage(start);
          cpuMs.get(title)!.push((user + system) / 1000);
        },
      ]),
    ),
    BUDGET_MS,
  );
  printTable(
    `${name}, ${SIZE.width}×${SIZE.height}`,
    ['overlay', 'Kpx', 'CPU ms, least', 'median', 'KB'],
    cases.map(({ title, rects }, i) => [
      title,
      `${Math.round(rects.reduce((sum, rect) => sum + areaPx(rect), 0) / 1000)}`,
      Math.min(...cpuMs.get(title)!).toFixed(1),
      cpuMs
        .get(title)!
        .toSorted((a, b) => a - b)
        [cpuMs.get(title)!.length >> 1]!.toFixed(1),
      `${Math.round(bytes[i]! / 1000)}`,
    ]),
  );
}
