import { crc32, deflateSync } from 'node:zlib';
import { createDice, type Dice } from '../../../bench/scenes/dice.ts';
import { imageStamp } from '../../../src/encode/overlay/image-stamp.ts';
import { joinBytes } from '../../../src/protocol/join-bytes.ts';
import { type FuzzTarget, resultOrRefusal } from '../fuzz-target.ts';
import { maybeMutated, randomBytes } from '../mutate.ts';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** Bytes per pixel by colour type. */
const CHANNELS = [1, 0, 3, 1, 2, 0, 4] as const;
const COLOUR_TYPES = [0, 2, 3, 4, 6];
const MOST_FILTER = 4;
const MOST_SIDE_PX = 24;
const OPACITY = 128;
/** Pictures that are made once: compressing takes longer than all else. */
const PICTURES = 64;

let pictures: readonly Uint8Array[] = [];

function chunk(type: string, content: Uint8Array): Uint8Array {
  const body = joinBytes([Buffer.from(type, 'latin1'), content]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  check.writeUInt32BE(crc32(body));
  return joinBytes([length, body, check]);
}

function makePicture(dice: Dice): Uint8Array {
  const [width, height] = [dice.integer(1, MOST_SIDE_PX), dice.integer(1, MOST_SIDE_PX)];
  const colourType = dice.pick(COLOUR_TYPES);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, colourType], 8);
  const rowBytes = 1 + width * CHANNELS[colourType]!;
  const rows = randomBytes(dice, rowBytes * height);
  for (let y = 0; y < height; y++) rows[y * rowBytes] = dice.integer(0, MOST_FILTER);
  return joinBytes([
    SIGNATURE,
    chunk('IHDR', head),
    ...(colourType === 3 ? [chunk('PLTE', randomBytes(dice, 3 * dice.integer(1, 256)))] : []),
    ...(dice.chance(0.3) ? [chunk('tRNS', randomBytes(dice, dice.integer(0, 256)))] : []),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

/** Pictures for watermarks. Whoever writes the configuration chooses them, and may have got them from elsewhere. */
export const png: FuzzTarget = {
  name: 'png',
  cases: 40_000,
  reaches: ['stamp', 'refused'],
  make(dice) {
    if (pictures.length === 0) {
      // The same in every run, so that a case depends on its own dice alone.
      const fixed = createDice(1);
      pictures = Array.from({ length: PICTURES }, () => makePicture(fixed));
    }
    return maybeMutated(dice.pick(pictures), dice);
  },
  run(input, reached) {
    // The caller shows any error to the writer of the configuration.
    const stamp = resultOrRefusal(
      () => imageStamp(input, OPACITY),
      (error) => error instanceof Error,
    );
    reached(stamp === undefined ? 'refused' : 'stamp');
    if (stamp?.columns.some((x) => x >= stamp.width)) throw new Error('Ink is outside.');
  },
};
