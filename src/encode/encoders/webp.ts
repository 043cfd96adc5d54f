import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { init } from '@jsquash/webp/encode.js';
import { defaultOptions, type EncodeOptions } from '@jsquash/webp/meta.js';
import type { WebpQuality } from '../plan/webp-quality.ts';
import type { PixelSource } from './pixel-source.ts';

/** Encodes BGRX pixels as one WebP file. */
export type WebpEncoder = (source: PixelSource, quality: WebpQuality) => Uint8Array;

/**
 * Effort 0-6. Of a JPEG of equal SSIM 0 takes two thirds of the bytes at 33 Mpx/s a core, 2 half of them at 20, and 3
 * hardly less at 9 (bench/micro/webp.ts). What time is there for is the same then with 0 and 2, where it is short; where
 * it is not, 2 saves more.
 */
const LOSSY_METHOD = 2;

/** For no loss 0 is 17 Mpx/s, as fast as zlib at half of its bytes; 1 is a quarter as fast for a hundredth fewer. */
const LOSSLESS_METHOD = 0;

const LOSSLESS: EncodeOptions = { ...defaultOptions, lossless: 1, quality: 0, method: LOSSLESS_METHOD };

let loading: Promise<WebpEncoder> | undefined;

/**
 * The encoder of this thread: loaded, in about 40 ms, when it is first asked for. Most desktops are never shown by it, and
 * it takes 20 MB a thread.
 */
export function loadWebpEncoder(): Promise<WebpEncoder> {
  loading ??= load();
  return loading;
}

async function load(): Promise<WebpEncoder> {
  // The package fetches its WebAssembly by address, which is for browsers; here it is read from its folder.
  const file = createRequire(import.meta.url).resolve('@jsquash/webp/codec/enc/webp_enc_simd.wasm');
  const codec = await init(new WebAssembly.Module(new Uint8Array(await readFile(file))));
  return (source, quality) => {
    const { width, height } = source;
    const options = quality === 'lossless' ? LOSSLESS : { ...defaultOptions, quality, method: LOSSY_METHOD };
    const encoded = codec.encode(opaqueRgba(source), width, height, options);
    if (!encoded) throw new Error(`libwebp did not encode ${width}x${height} pixels.`);
    return encoded;
  };
}

let scratch = new Uint32Array(0);

/** The pixels as the codec wants them, in a buffer that the next call uses again. */
function opaqueRgba({ width, height, stridePx, words }: PixelSource): Uint8Array<ArrayBuffer> {
  if (scratch.length < width * height) scratch = new Uint32Array(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = words[y * stridePx + x]!;
      scratch[to++] = 0xff000000 | ((pixel & 0xff) << 16) | (pixel & 0xff00) | ((pixel >>> 16) & 0xff);
    }
  }
  return new Uint8Array(scratch.buffer, 0, width * height * 4);
}
