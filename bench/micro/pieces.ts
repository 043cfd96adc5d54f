// Sharpening in pieces: ms to encode a piece on two threads, by its size, without loss and as JPEG 100.
// Run: node bench/micro/pieces.ts

import { planSharpening } from '../../src/encode/plan/plan-rects.ts';
import type { EncodeProfile } from '../../src/encode/plan/profile.ts';
import { EncoderPool } from '../../src/encode/pool.ts';
import { type DirtyTiles, tileCount } from '../../src/pixels/dirty-tiles.ts';
import { areaPx, type Size } from '../../src/pixels/rect.ts';
import { jpegQualityOf, MAX_QUALITY_LEVEL } from '../../src/protocol/quality.ts';
import { Blur } from '../../src/session/picture/blur.ts';
import { DEFAULT_PROFILE } from '../../src/session/picture/profile-from-settings.ts';
import { createPhoto } from '../painter/photo.ts';
import { race } from './support/race.ts';
import { countColours, showing } from './support/shown.ts';
import { printTable } from './support/table.ts';

const SIZE: Size = { width: 1920, height: 1080 };
const THREADS = 2;
const PIECES_PX = [32, 64, 128, 256, 512, 1024].map((k) => k * 1024);
const BUDGET_MS = 4000;

const photo = createPhoto(SIZE.width, SIZE.height);
const frame = showing(photo);
const colours = countColours(photo);
const pool = new EncoderPool(frame, THREADS);

const lossy = DEFAULT_PROFILE.lossy!;
const PROFILES: Record<string, EncodeProfile> = {
  'no loss': { ...DEFAULT_PROFILE, lossy: { ...lossy, still: undefined } },
  'JPEG 100 4:4:4': { ...DEFAULT_PROFILE, lossy: { ...lossy, still: jpegQualityOf(MAX_QUALITY_LEVEL) } },
};

interface Sent {
  /** Pixels of the rects. More than the piece has if a rect includes pixels between its tiles. */
  readonly px: number;
  readonly bytes: number;
}

for (const [name, profile] of Object.entries(PROFILES)) {
  const sent = new Map<string, Sent>();
  const ways = Object.fromEntries(
    PIECES_PX.map((px) => {
      const blur = new Blur(SIZE);
      blur.add({ x: 0, y: 0, ...SIZE });
      const piece = blur.take(() => true, px);
      return [`${px}`, async () => sent.set(`${px}`, await encode(piece, profile))] as const;
    }),
  );
  const took = await race(ways, BUDGET_MS);
  printTable(
    `A piece of a photograph, ${name}`,
    [
      'pixels',
      'ms, least',
      'median',
      'pixels sent',
      'KB',
      'bytes/px',
      'KB a screen',
      'ms on 5 Mbit/s',
      'on 50',
    ],
    PIECES_PX.map((px) => {
      const took1 = took[`${px}`]!;
      const { px: sentPx, bytes } = sent.get(`${px}`)!;
      const perPx = bytes / sentPx;
      return [
        `${px / 1024}k`,
        took1.leastMs.toFixed(1),
        took1.medianMs.toFixed(1),
        `${(sentPx / 1024).toFixed(0)}k`,
        (bytes / 1000).toFixed(0),
        perPx.toFixed(2),
        ((perPx * areaPx(SIZE)) / 1000).toFixed(0),
        (bytes / 625).toFixed(0),
        (bytes / 6250).toFixed(0),
      ];
    }),
  );
}
await pool.close();

async function encode(piece: DirtyTiles, profile: EncodeProfile): Promise<Sent> {
  const shown = { colours: colours.subarray(0, tileCount(SIZE)), isMoving: () => false };
  const planned = planSharpening(piece, shown, profile);
  const encoded = await Promise.all(
    planned.map(({ rect, method }) =>
      pool.encodeRect({
        frameSize: SIZE,
        rect,
        method,
        format: profile.format,
        zlibLevel: profile.zlibLevel,
      }),
    ),
  );
  return {
    px: planned.reduce((sum, { rect }) => sum + areaPx(rect), 0),
    bytes: encoded.reduce((sum, rect) => sum + rect.bytes.length, 0),
  };
}
