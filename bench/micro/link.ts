// A film on a simulated slow link: age of the frames that arrive, by the time that an update may keep the link busy.
// Run: node bench/micro/link.ts

import { jpegKey } from '../../src/encode/plan/profile.ts';
import { DirtyTiles } from '../../src/pixels/dirty-tiles.ts';
import { areaPx, type Size, wholeOf } from '../../src/pixels/rect.ts';
import { SERVER_PIXEL_FORMAT } from '../../src/protocol/pixel-format.ts';
import type { JpegQuality } from '../../src/protocol/quality.ts';
import { NO_SETTINGS, type ViewerSettings } from '../../src/protocol/settings-from-encodings.ts';
import { CongestionWindow } from '../../src/session/link/congestion.ts';
import { LinkQuality } from '../../src/session/picture/link-quality.ts';
import { profileOf } from '../../src/session/picture/profile-from-settings.ts';
import { qualityLadder } from '../../src/session/picture/quality-ladder.ts';
import { createPhoto } from '../painter/photo.ts';
import { countColours, encodeShown, jpeg, showing } from './support/shown.ts';
import { printTable } from './support/table.ts';

const SIZE: Size = { width: 1920, height: 1080 };
const ROUND_TRIP_MS = 50;
const FRAME_MS = 1000 / 30;
/** Time for capture and encoding, and time for decoding, in milliseconds. */
const SERVER_MS = 15;
const VIEWER_MS = 10;
/** UPDATE_MS of link-quality.ts. Scaling the rate of the link by a factor has the effect of scaling this constant. */
const UPDATE_MS = 110;
const TRIED_MS = [30, 60, 110, 160, 220];
const WATCHED_MS = 20_000;
/** Time at the start that is not measured, because the rate of the link is not known yet. */
const LEARNING_MS = 5_000;

const photo = createPhoto(SIZE.width, SIZE.height);
const frame = showing(photo);
const colours = countColours(photo);
const settings: ViewerSettings = { ...NO_SETTINGS, encoding: 'tight', ours: true, qualityLevel: 7 };
const wish = profileOf(settings, SERVER_PIXEL_FORMAT, false).lossy!;

/** Bytes per pixel of the photograph by quality. It is encoded once for each quality. */
const bytesPerPx = new Map<string, number>();
function photoBytes(px: number, quality: JpegQuality): number {
  const key = jpegKey(quality);
  let known = bytesPerPx.get(key);
  if (known === undefined) {
    known =
      encodeShown(frame, wholeOf(SIZE), jpeg(quality.quality, quality.subsampling)).bytes.length /
      areaPx(SIZE);
    bytesPerPx.set(key, known);
  }
  return px * known;
}

interface Arrived {
  readonly atMs: number;
  readonly ageMs: number;
  readonly quality: JpegQuality;
  readonly whole: boolean;
}

/** Plays a film that changes the whole screen 30 times a second, to one viewer. */
function play(bytesPerMs: number, updateMs: number): Arrived[] {
  const congestion = new CongestionWindow();
  const quality = new LinkQuality();
  quality.ladder = qualityLadder(settings, wish);
  const answers: number[] = [];
  const arrived: Arrived[] = [];
  let lacks = new DirtyTiles(SIZE);
  let linkFreeMs = 0;
  let shownMs = Number.NEGATIVE_INFINITY;
  for (let now = 0; now < LEARNING_MS + WATCHED_MS; now++) {
    while (answers.length > 0 && answers[0]! <= now) congestion.acknowledged(answers.shift()!);
    if (now - shownMs >= FRAME_MS) {
      shownMs = now;
      lacks = DirtyTiles.whole(SIZE);
    }
    if (lacks.isEmpty || !congestion.hasRoom(now)) continue;
    if (congestion.wantsProbe(now)) {
      congestion.sent(now, now, 0);
      answers.push(Math.max(linkFreeMs, now) + ROUND_TRIP_MS);
    }
    const rate = congestion.limitingRate;
    const { part, rest, lossy, usual } = quality.choose(
      lacks,
      colours,
      rate && rate * (updateMs / UPDATE_MS),
    );
    const bytes = photoBytes(part.areaPx, lossy!.moving);
    quality.learn(usual, [{ encoder: 'TightJPEGEncoder', purpose: 'change', bytes }]);
    lacks = rest;
    const sentMs = now + SERVER_MS;
    linkFreeMs = Math.max(linkFreeMs, sentMs) + bytes / bytesPerMs;
    const atMs = linkFreeMs + ROUND_TRIP_MS / 2;
    congestion.sent(now, sentMs, bytes);
    answers.push(linkFreeMs + ROUND_TRIP_MS);
    if (now >= LEARNING_MS)
      arrived.push({ atMs, ageMs: atMs - shownMs + VIEWER_MS, quality: lossy!.moving, whole: rest.isEmpty });
  }
  return arrived;
}

const percentile = (values: readonly number[], share: number): string =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)]!.toFixed(0);

for (const [name, bytesPerMs] of [
  ['2 Mbit/s', 250],
  ['5 Mbit/s', 625],
  ['20 Mbit/s', 2500],
] as const) {
  printTable(
    `A film of ${SIZE.width}×${SIZE.height} at 30 frames a second over ${name}, ${ROUND_TRIP_MS} ms`,
    ['update ms', 'age p50', 'p95', 'updates/s', 'JPEG, median', 'whole frames'],
    TRIED_MS.map((updateMs) => {
      const arrived = play(bytesPerMs, updateMs);
      const ages = arrived.map(({ ageMs }) => ageMs);
      const whole = arrived.filter((one) => one.whole).length / arrived.length;
      return [
        `${updateMs}`,
        percentile(ages, 0.5),
        percentile(ages, 0.95),
        (arrived.length / (WATCHED_MS / 1000)).toFixed(1),
        percentile(
          arrived.map(({ quality: { quality: value } }) => value),
          0.5,
        ),
        `${(whole * 100).toFixed(0)} %`,
      ];
    }),
  );
}
