import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import encode, { init } from '@jsquash/webp/encode.js';
import type { PixelSource } from './pixel-source.ts';

let ready: Promise<void> | undefined;

/** The package fetches its WebAssembly by address, which is for browsers; here it is read from its folder. */
async function load(): Promise<void> {
  const file = createRequire(import.meta.url).resolve('@jsquash/webp/codec/enc/webp_enc_simd.wasm');
  await init(new WebAssembly.Module(new Uint8Array(await readFile(file))));
}

/** Encodes BGRX pixels as a lossy WebP file of libwebp quality 0-100. 10-16 Mpx/s. */
export async function encodeWebp(source: PixelSource, quality: number): Promise<Uint8Array> {
  ready ??= load();
  await ready;
  const { width, height, stridePx, words } = source;
  const data = new Uint8ClampedArray(width * height * 4);
  const rgba = new Uint32Array(data.buffer);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = words[y * stridePx + x]!;
      rgba[to++] = (0xff000000 | ((pixel & 0xff) << 16) | (pixel & 0xff00) | ((pixel >>> 16) & 0xff)) >>> 0;
    }
  }
  return new Uint8Array(await encode({ data, width, height, colorSpace: 'srgb' }, { quality, method: 2 }));
}
