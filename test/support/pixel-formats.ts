import { type PixelFormat, SERVER_PIXEL_FORMAT } from '../../src/protocol/pixel-format.ts';

/** RGB 565, which viewers use on slow links. */
export const RGB565: PixelFormat = {
  bitsPerPixel: 16,
  depth: 16,
  bigEndian: false,
  trueColour: true,
  redMax: 31,
  greenMax: 63,
  blueMax: 31,
  redShift: 11,
  greenShift: 5,
  blueShift: 0,
};

/** Blue in the two upper bits, which viewers use on the slowest links. */
export const BGR233: PixelFormat = {
  bitsPerPixel: 8,
  depth: 8,
  bigEndian: false,
  trueColour: true,
  redMax: 7,
  greenMax: 7,
  blueMax: 3,
  redShift: 0,
  greenShift: 3,
  blueShift: 6,
};

/** Every kind of format that the server supports, by a name for test titles. */
export const PIXEL_FORMATS: Readonly<Record<string, PixelFormat>> = {
  'the own': SERVER_PIXEL_FORMAT,
  '32 bit, other shifts, big endian': {
    ...SERVER_PIXEL_FORMAT,
    bigEndian: true,
    redShift: 8,
    greenShift: 16,
    blueShift: 24,
  },
  '32 bit of depth 32': { ...SERVER_PIXEL_FORMAT, depth: 32 },
  '32 bit of 10 a channel': {
    ...SERVER_PIXEL_FORMAT,
    depth: 30,
    redMax: 1023,
    greenMax: 1023,
    blueMax: 1023,
    redShift: 20,
    greenShift: 10,
  },
  '16 bit': RGB565,
  '16 bit, big endian': { ...RGB565, bigEndian: true },
  '8 bit': BGR233,
};

/**
 * Formats of 16 bits, big-endian: each order of the colours, with a different number of reds. The server encodes the
 * picture for each of them alone.
 */
export const ODD_FORMATS: readonly PixelFormat[] = [
  [11, 5, 0],
  [11, 0, 6],
  [0, 5, 11],
  [0, 10, 5],
  [5, 10, 0],
  [6, 0, 11],
].flatMap(([redShift, greenShift, blueShift]) =>
  [31, 15, 7].map((redMax) => ({
    ...RGB565,
    ...{ bigEndian: true, redMax, redShift: redShift!, greenShift: greenShift!, blueShift: blueShift! },
  })),
);
