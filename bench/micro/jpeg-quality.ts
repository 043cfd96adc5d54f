// JPEG of a photograph of 1920×1080 by quality and chroma: bytes, ms on one thread, and likeness to the original.
// Run: node bench/micro/jpeg-quality.ts

import { areaPx, type Size, wholeOf } from '../../src/pixels/rect.ts';
import { type JpegQuality, jpegQualityOf, type Subsampling } from '../../src/protocol/quality.ts';
import { createPhoto } from '../painter/photo.ts';
import { jpegError } from './support/jpeg-error.ts';
import { race } from './support/race.ts';
import { encodeShown, jpeg, showing } from './support/shown.ts';
import { printTable } from './support/table.ts';

const SIZE: Size = { width: 1920, height: 1080 };
const BUDGET_MS = 6000;

const photo = createPhoto(SIZE.width, SIZE.height);
const frame = showing(photo);
const encode = ({ quality, subsampling }: JpegQuality) =>
  encodeShown(frame, wholeOf(SIZE), jpeg(quality, subsampling));

async function measure(title: string, settings: Readonly<Record<string, JpegQuality>>): Promise<void> {
  const ways = Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [name, () => encode(setting)] as const),
  );
  const took = await race(ways, BUDGET_MS);
  printTable(
    title,
    ['', 'JPEG', 'KB', 'bytes/px', 'ms', 'SSIM', 'chroma dB'],
    Object.entries(settings).map(([name, setting]) => {
      const { length } = encode(setting).bytes;
      const { ssim, chromaDb } = jpegError(photo, wholeOf(SIZE), setting);
      return [
        name,
        `${setting.quality} ${setting.subsampling}`,
        (length / 1000).toFixed(0),
        (length / areaPx(SIZE)).toFixed(3),
        took[name]!.leastMs.toFixed(1),
        ssim!.toFixed(4),
        chromaDb.toFixed(1),
      ];
    }),
  );
}

const levels = Array.from({ length: 10 }, (_, level) => [`level ${level}`, jpegQualityOf(level)] as const);
await measure("Tight's quality levels, and the least quality on a slow link", {
  least: { quality: 10, subsampling: '4:2:0' },
  ...Object.fromEntries(levels),
});

const chroma: readonly Subsampling[] = ['4:4:4', '4:2:2', '4:2:0'];
await measure(
  'Chroma of moving content, at the quality of levels 5 and 7',
  Object.fromEntries(
    [77, 86].flatMap((quality) =>
      chroma.map((subsampling) => [`${quality}, ${subsampling}`, { quality, subsampling }] as const),
    ),
  ),
);
