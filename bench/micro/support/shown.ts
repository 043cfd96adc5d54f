import { readFileSync } from 'node:fs';
import { encodeRect } from '../../../src/encode/make/encode-rect.ts';
import type { EncodedRect } from '../../../src/encode/make/job.ts';
import type { Method } from '../../../src/encode/plan/plan-rects.ts';
import { createThreadPacker } from '../../../src/encode/threads/thread-packer.ts';
import { DirtyTiles } from '../../../src/pixels/dirty-tiles.ts';
import { createKernels } from '../../../src/pixels/kernels/kernels.ts';
import type { Packer } from '../../../src/pixels/kernels/packer.ts';
import { type Rect, wholeOf } from '../../../src/pixels/rect.ts';
import { createSharedFrame, type SharedFrame } from '../../../src/pixels/shared-frame.ts';
import { SERVER_PIXEL_FORMAT } from '../../../src/protocol/pixel-format.ts';
import type { Subsampling } from '../../../src/protocol/quality.ts';
import type { Picture } from '../../painter/picture.ts';

/** The compiled kernels. */
export const KERNELS = new WebAssembly.Module(
  readFileSync(new URL('../../../src/pixels/kernels/kernels.wasm', import.meta.url)),
);

/** The level for viewers that set none. */
const ZLIB_LEVEL = 1;

export const LOSSLESS: Method = { name: 'lossless' };
export const jpeg = (quality: number, subsampling: Subsampling): Method => ({
  name: 'jpeg',
  jpeg: { quality, subsampling },
});

/** A frame that shows a picture. */
export function showing(picture: Picture): SharedFrame {
  const frame = createSharedFrame(picture);
  new Uint32Array(frame.memory.buffer, frame.shownAt, picture.pixels.length).set(picture.pixels);
  return frame;
}

const packers = new WeakMap<SharedFrame, Packer>();

/** The packer of this thread for a frame. */
export function packerOf(frame: SharedFrame): Packer {
  const packer = packers.get(frame) ?? createThreadPacker(frame, 0);
  packers.set(frame, packer);
  return packer;
}

/** Encodes one rect of a frame by the code of the encoder threads. With `zstd` it is for our page. */
export function encodeShown(
  frame: SharedFrame,
  rect: Rect,
  method: Method,
  zlibLevel = ZLIB_LEVEL,
  zstd = false,
): EncodedRect {
  const job = { frameSize: frame.maxSize, rect, method, format: SERVER_PIXEL_FORMAT, zlibLevel, zstd };
  return encodeRect(frame, job, { packer: packerOf(frame) });
}

/** Colours of each tile, as the kernel counts them in a new picture: 1-128, or 129 for more. */
export function countColours(picture: Picture): Uint16Array {
  const frame = createSharedFrame(picture);
  new Uint32Array(frame.memory.buffer, frame.incomingAt, picture.pixels.length).set(picture.pixels);
  const dirty = new DirtyTiles(picture);
  dirty.add(wholeOf(picture));
  const tiles = dirty.tiles;
  dirty.writeTo(new Uint32Array(frame.memory.buffer, frame.boxesAt, tiles));
  createKernels(KERNELS, frame).compare(picture, { everything: true });
  return new Uint16Array(frame.memory.buffer, frame.coloursAt, tiles).slice();
}
