import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { defaultOptions, type EncodeOptions } from '@jsquash/webp/meta.js';
import { BYTES_PER_PIXEL } from '../../pixels/shared-frame.ts';
import type { WebpQuality } from '../plan/webp-quality.ts';
import type { PixelSource } from './pixel-source.ts';
import { Scratch } from './scratch.ts';

/** Encodes BGRX pixels as one WebP file. */
export type WebpEncoder = (source: PixelSource, quality: WebpQuality) => Uint8Array;

/**
 * Effort 0-6. Compared with JPEG at equal SSIM: effort 0 takes 67 % of the bytes at 33 Mpx/s per core, effort 2 takes
 * 50 % at 20 Mpx/s, and effort 3 hardly less at 9 Mpx/s (bench/micro/webp.ts). In a short time, efforts 0 and 2 save
 * the same number of bytes; with more time, effort 2 saves more.
 */
const LOSSY_METHOD = 2;

/**
 * Effort without loss. Effort 0 is as fast as zlib, 17 Mpx/s per core, with half of its bytes. Effort 1 takes four
 * times as long and saves another hundredth.
 */
const LOSSLESS_METHOD = 0;

const LOSSLESS: EncodeOptions = { ...defaultOptions, lossless: 1, quality: 0, method: LOSSLESS_METHOD };

let loading: Promise<WebpEncoder> | undefined;

/**
 * The encoder of this thread. The first call loads it, in about 40 ms. It takes 20 MB per thread, and most viewers
 * never need it.
 */
export function loadWebpEncoder(): Promise<WebpEncoder> {
  loading ??= load();
  return loading;
}

async function load(): Promise<WebpEncoder> {
  // Each encoder thread loads this file when it starts, and most never need the package.
  const { init } = await import('@jsquash/webp/encode.js');
  // The package fetches its WebAssembly from a URL, which works in browsers only. Here it is read from its folder.
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

const rgba = new Scratch();

/** The pixels as the codec takes them, in memory that the next call reuses. */
function opaqueRgba({ width, height, stridePx, words }: PixelSource): Uint8Array<ArrayBuffer> {
  const bytes = rgba.take(width * height * BYTES_PER_PIXEL);
  const pixels = new Uint32Array(bytes.buffer, 0, width * height);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = words[y * stridePx + x]!;
      pixels[to++] = 0xff000000 | ((pixel & 0xff) << 16) | (pixel & 0xff00) | ((pixel >>> 16) & 0xff);
    }
  }
  return bytes;
}
